// Names as an enemy would choose them: in SQL, paths, mail headers, file names and on the terminal.
import { beforeAll, describe, expect, test } from 'vitest';
import { finished, type Workspace, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const NOW = ['--now', '2026-09-01T00:00:00Z'];

const NAMES: readonly (readonly [string, string])[] = [
  ['quotes', `it's a "test"; drop table job_history; --`],
  ['slashes', 'a/b\\c'],
  ['a path upwards', '../../../../tmp/escaped'],
  ['per cent and underscore', '100%_done'],
  ['a line break', 'two\r\nBcc: everybody@example.com'],
  ['NUL', 'nul\u0000byte'],
  ['escape codes', '\u001b[31mred\u001b]0;title\u0007\u009b2J'],
  ['right to left', 'safe\u202egpj.exe'],
  ['emoji', '🚂 nächtlich 日本'],
  ['1,000 characters', 'x'.repeat(1000)],
  ['a leading dash', '--help'],
  ['HTML', '<script>alert(1)</script>'],
  ['a formula', '=cmd|calc'],
  ['__proto__', '__proto__'],
  ['a lone surrogate', 'half\ud800'],
  ['spaces', '   '],
];

/** What a terminal may not get: control characters but line ends and tabs, and marks that turn the line. */
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function hostile(at: Workspace, name: string): void {
  const metrics = [{ name: `${name}_final`, value: 2 }];
  const condition = { comparison: 'less', success_threshold: { fixed_value: 1 } };
  const config = { regression_test_config: { metric_success_conditions: { [`${name}_final`]: condition } } };
  const labels = { [name]: name };
  at.message(finished(name, { test_name: name, metrics, config, labels, model_dir: name, logs_link: name }));
}

test('a name with a lone surrogate is one name in the config file and in messages, and its runs have a history', async () => {
  const at = workspace();
  const half = 'half\ud800';
  const condition = {
    comparison: 'less',
    success_threshold: { stddevs_from_mean: 5 },
    split_by: [`label.${half}`],
  };
  const regression_test_config = { metric_success_conditions: { total_wall_time: condition } };
  at.config({ tests: { [half]: { regression_test_config } } });
  for (let day = 1; day <= 4; day++) {
    const finished_at = `2026-08-0${day}T02:00:0${day}Z`;
    const started_at = `2026-08-0${day}T01:00:00Z`;
    const run = { test_name: half, labels: { [half]: half }, started_at, finished_at };
    at.message(finished(`r${day}`, run));
  }
  expect((await at.run(['tick', ...NOW])).status).toBe(0);
  const rows = await at.query("select verdict, baseline_n from metric_history where run_id = 'r4'");
  expect(rows).toEqual([{ verdict: 'pass', baseline_n: 3 }]);
});

describe('all of them in one state', () => {
  const at = workspace();
  const seen: string[] = [];

  beforeAll(async () => {
    at.config({ alerting: { fallback: ['ml-infra@example.com'] } });
    for (const [, name] of NAMES) hostile(at, name);
    const tick = await at.run(['tick', ...NOW]);
    expect(tick.status).toBe(0);
    seen.push(tick.stdout, tick.stderr);
  });

  test('each is one run of one test', async () => {
    const rows = await at.query<{ test_name: string; run_id: string }>(
      'select test_name, run_id from job_history',
    );
    const expected = NAMES.map(([, name]) => name.toWellFormed()).sort();
    expect(rows.map(({ test_name }) => test_name).sort()).toEqual(expected);
    expect(rows.map(({ run_id }) => run_id).sort()).toEqual(expected);
  });

  test.each(NAMES)('%s: verdict and history answer for it', async (_, name) => {
    const own = name.toWellFormed();
    const verdict = await at.run(['verdict', '--json', '--', own]);
    expect(verdict.status).toBe(1);
    expect(JSON.parse(verdict.stdout)).toMatchObject({ test_name: own, run_id: own });
    for (const [command, status] of [
      ['verdict', 1],
      ['history', 0],
    ] as const) {
      const answer = await at.run([command, '--', own]);
      expect(answer.status).toBe(status);
      seen.push(answer.stdout, answer.stderr);
    }
  });

  test('no terminal gets a control character', async () => {
    for (const args of [['status'], ['query', 'select test_name, run_id, labels from job_history']]) {
      const answer = await at.run(args);
      expect(answer.status).toBe(0);
      seen.push(answer.stdout, answer.stderr);
    }
    const unknown = await at.run(['verdict', 'nobody\u001b[2J']);
    expect(unknown.status).toBe(2);
    seen.push(unknown.stderr);
    for (const text of seen) expect(text).not.toMatch(UNPRINTABLE);
  });

  test('mails lie in their folder under plain names', () => {
    expect(at.list('.')).toEqual(['state', 'tidemark.json']);
    const files = at.list('state/mail');
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) expect(name).toMatch(/^[\w.-]{1,200}\.(eml|html)$/);
  });

  test('mails have no header that we did not write, and no markup of others', () => {
    for (const name of at.mails()) {
      const [headers = ''] = at.read(`state/mail/${name}`).split('\r\n\r\n', 1);
      expect(headers).not.toMatch(/^Bcc:/im);
      expect(headers).not.toMatch(/[^\r\n\t -~]/);
      expect(headers.match(/^To: (.*)$/m)?.[1]).toBe('ml-infra@example.com');
    }
    for (const name of at.list('state/mail').filter((file) => file.endsWith('.html'))) {
      expect(at.read(`state/mail/${name}`)).not.toContain('<script>alert');
    }
  });

  test('a csv keeps its rows', async () => {
    const answer = await at.run(['query', 'select test_name from job_history', '--format', 'csv']);
    expect(answer.stdout).toContain(`"it's a ""test""; drop table job_history; --"\r\n`);
    expect(answer.stdout).toContain('"two\r\nBcc: everybody@example.com"\r\n');
  });
});

test('publish and run take such names too', async () => {
  const at = workspace();
  for (const [n, name] of [`it's "x"`, '../../up', '-dash', '🚂', 'a\nb'].entries()) {
    const flags = [`--test-name=${name}`, `--run-id=${name}-${n}`, '--label', `k=${name}`];
    expect(await at.run(['publish', ...flags, '--outcome', 'success'])).toMatchObject({ status: 0 });
  }
  expect(at.list('.')).toEqual(['state']);
  await at.run(['tick']);
  expect(await at.query('select count(*) as n from job_history')).toEqual([{ n: 5 }]);
});
