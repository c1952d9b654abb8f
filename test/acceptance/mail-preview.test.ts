// `tidemark mail preview`: the mail of a test as files, without sending or recording anything.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { finished, MAIN, start, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const PNG = '89504e470d0a1a0a';
const condition = { comparison: 'greater', success_threshold: { fixed_value: 0.9 } };
const CONFIG = {
  alerting: { fallback: ['ml-infra@example.com'] },
  tests: { mnist: { regression_test_config: { metric_success_conditions: { acc_final: condition } } } },
};

function night(n: number, value: number) {
  const time = (hour: number) => `2026-08-${String(n).padStart(2, '0')}T0${hour}:00:00Z`;
  return finished(`run-${n}`, {
    test_name: 'mnist',
    metrics: [{ name: 'acc_final', value }],
    started_at: time(1),
    finished_at: time(2),
  });
}

describe('of a test without an episode', () => {
  const at = workspace();
  beforeAll(async () => {
    at.config(CONFIG);
    for (let n = 1; n <= 12; n += 1) at.message(night(n, 0.95 + (n % 3) / 100));
    expect(await at.run(['tick', '--now', '2026-08-13T00:00:00Z'])).toMatchObject({ status: 0 });
  });

  test('a mail is made up, and says so', async () => {
    const answer = await at.run(['mail', 'preview', 'mnist', '--out', at.path('preview')]);
    expect(answer.status, answer.stderr).toBe(0);
    const written = answer.stdout.trim().split('\n');
    expect(written.map((path) => path.replace(/^.*\./, ''))).toEqual(['html', 'txt', 'png']);
    expect(readFileSync(written[1]!, 'utf8')).toContain('This mail is made up: the test has no episode yet.');
    expect(readFileSync(written[0]!, 'utf8')).toContain('<img src="data:image/png;base64,');
    expect(answer.stderr).toMatch(/^Subject: \[warning\] mnist · acc_final −[\d.]+ %$/m);
    expect(answer.stderr).toContain('It would go to ml-infra@example.com, because ');
  });

  test('nothing is sent and nothing is recorded', async () => {
    expect(at.mails()).toEqual([]);
    for (const table of ['alert_episodes', 'alert_outbox', 'alerts'])
      expect(await at.query(`select count(*) as n from ${table}`)).toEqual([{ n: 0 }]);
  });

  test('of what is not there it says what is', async () => {
    const episode = await at.run(['mail', 'preview', 'mnist', '--episode', 'abc']);
    expect(episode).toMatchObject({ status: 2, stdout: '' });
    // With the options that find this state: what is pasted must not ask another one.
    const here = `tidemark --state ${at.state} --config ${at.path('tidemark.json')}`;
    expect(episode.stderr).toContain(`has no episode "abc"; "${here} episodes mnist" lists`);
    const name = await at.run(['mail', 'preview', 'minst']);
    expect(name).toMatchObject({ status: 2, stdout: '' });
    expect(name.stderr).toContain('did you mean "mnist"?');
    expect(await at.run(['mail', 'send', 'mnist'])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('of a test that fell', () => {
  const at = workspace();
  beforeAll(async () => {
    at.config(CONFIG);
    for (let n = 1; n <= 13; n += 1) at.message(night(n, n === 13 ? 0.7 : 0.95 + (n % 3) / 100));
    expect(await at.run(['tick', '--now', '2026-08-14T00:00:00Z'])).toMatchObject({ status: 0 });
  });

  test('it is the mail that was sent, and its chart', async () => {
    const before = at.mails();
    expect(before).toHaveLength(1);
    const answer = await at.run(['mail', 'preview', 'mnist', '--out', at.path('preview')]);
    expect(answer.status, answer.stderr).toBe(0);
    const [, text, picture] = answer.stdout.trim().split('\n');
    expect(readFileSync(text!, 'utf8')).toContain(
      'acc_final fell to 0.7; it has been 0.960 ± 0.009 over 12 runs.',
    );
    expect(readFileSync(text!, 'utf8')).not.toContain('made up');
    expect(readFileSync(picture!).subarray(0, 8).toString('hex')).toBe(PNG);
    expect(at.mails()).toEqual(before);
  });

  test('every command in it does what it says', async () => {
    const answer = await at.spawn(['mail', 'preview', 'mnist', '--out', 'preview']);
    const text = at.read(
      answer.stdout
        .trim()
        .split('\n')
        .find((path) => path.endsWith('.txt'))!,
    );
    const commands = text.split('\n').filter((line) => line.startsWith('  tidemark '));
    const words = commands.map((line) => line.replace(/^ {2}tidemark (?:--\w+ \S+ )*/, '').split(' ')[0]);
    expect(words).toEqual(['verdict', 'history', 'query', 'episodes', 'ack', 'silence', 'accept']);
    for (const [index, line] of commands.entries()) {
      const script = line.replace(/^ {2}tidemark /, `'${process.execPath}' '${MAIN}' `);
      const done = await start(['sh', '-c', script], { cwd: at.folder });
      expect(done.status, `${line}\n${done.stderr}`).toBe(words[index] === 'verdict' ? 1 : 0);
      if (words[index] === 'history' || words[index] === 'query') expect(done.stdout).toContain('run-12');
    }
    const kinds = await at.query<{ kind: string }>('select kind from alert_actions order by kind');
    expect(kinds.map(({ kind }) => kind)).toEqual(['accept', 'ack', 'silence']);
  });
});
