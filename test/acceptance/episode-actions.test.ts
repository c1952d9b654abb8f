// What people do about an incident, from the command line.
import { beforeEach, expect, test } from 'vitest';
import { finished, type Workspace, workspaces } from '../support/cli.ts';

const workspace = workspaces();
let at: Workspace;

const NIGHTS = ['01', '02', '03', '04', '05'];

/** A run of a night; the clock of a tick is an hour after it. */
async function night(n: number, loss: number): Promise<string> {
  const day = `2026-08-${NIGHTS[n]}`;
  const metrics = [{ name: 'loss', value: loss }];
  at.message(finished(`r${n}`, { finished_at: `${day}T02:00:00Z`, metrics }));
  return (await at.run(['tick', '--now', `${day}T03:00:00Z`])).stdout;
}

interface Row {
  readonly episode_id: string;
  readonly state: string;
  readonly closed_reason: string | null;
}

async function episodes(): Promise<Row[]> {
  return JSON.parse((await at.run(['episodes', '--json'])).stdout).episodes;
}

const now = ['--now', '2026-08-02T12:00:00Z', '--by', 'ada'];

beforeEach(async () => {
  at = workspace();
  const condition = { comparison: 'less', success_threshold: { fixed_value: 1 } };
  const regression_test_config = { metric_success_conditions: { loss: condition, total_wall_time: null } };
  at.config({ tests: { mnist: { owner: ['ml@example.com'], regression_test_config } } });
  await night(0, 0.5);
  await night(1, 9);
});

test('an ack, named by the beginning of its id, keeps reminders away until it ends', async () => {
  const [{ episode_id }] = (await episodes()) as [Row];
  const ack = await at.run(['ack', episode_id.slice(0, 6), '--for', '2d', '--note', 'looking', ...now]);
  expect(ack).toMatchObject({ status: 0, stdout: expect.stringContaining('until 2026-08-04 12:00 UTC') });
  expect(await at.run(['tick', '--now', '2026-08-04T06:00:00Z'])).toMatchObject({ status: 0 });
  const states = () => at.query<{ kind: string }>('select kind from alerts order by finished_at, kind');
  expect(await states()).toEqual([{ kind: 'firing' }]);
  await at.run(['tick', '--now', '2026-08-04T12:30:00Z']);
  expect(await states()).toEqual([{ kind: 'firing' }, { kind: 'ack_ended' }]);
  const kept = await at.query('select actor, kind, note, via, ends_at from alert_actions');
  expect(kept).toEqual([
    { actor: 'ada', kind: 'ack', note: 'looking', via: 'cli', ends_at: '2026-08-04T12:00:00.000Z' },
  ]);
});

test('accept closes it with a name and a note, and is told', async () => {
  const [{ episode_id }] = (await episodes()) as [Row];
  const accepted = await at.run(['accept', episode_id, '--note', 'larger model', ...now]);
  expect(accepted).toMatchObject({ status: 0, stdout: expect.stringContaining('accepted') });
  expect(await episodes()).toMatchObject([{ state: 'closed', closed_reason: 'accepted' }]);
  const tick = await at.run(['tick', '--now', '2026-08-02T13:00:00Z']);
  expect(tick.stdout).toContain('1 mail sent');
  expect(at.mails()).toHaveLength(2);
  const steps = await at.query('select kind, actor, note from alert_episode_events order by seq');
  expect(steps.at(-1)).toEqual({ kind: 'accepted', actor: 'ada', note: 'larger model' });
  // It is over: there is nothing left to accept.
  const again = await at.run(['accept', episode_id, '--note', 'once more', ...now]);
  expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('it is accepted') });
});

test('a silence keeps mails back and nothing else, and unsilence ends it', async () => {
  const silence = await at.run(['silence', 'test=mn*', '--for', '7d', '--note', 'cluster moves', ...now]);
  const [, id] = /^Silence (\w+) on test=mn\*/.exec(silence.stdout)!;
  expect(await night(2, 0.5)).toContain('0 mails sent');
  expect(await night(3, 0.5)).toContain('0 mails sent');
  expect(await episodes()).toMatchObject([{ state: 'closed', closed_reason: 'recovered' }]);
  const status = JSON.parse((await at.run(['status', '--json', '--now', '2026-08-04T04:00:00Z'])).stdout);
  expect(status.silences).toMatchObject([{ matchers: ['test=mn*'], by: 'ada', note: 'cluster moves' }]);
  const ended = await at.run(['unsilence', id!, '--now', '2026-08-04T04:00:00Z']);
  expect(ended).toMatchObject({ status: 0 });
  expect(await night(4, 9)).toContain('1 mail sent');
});

test('a comment stays with the episode, also with one that is over', async () => {
  const [{ episode_id }] = (await episodes()) as [Row];
  for (const note of ['bisected', 'fixed']) {
    expect(await at.run(['comment', episode_id, '--note', note, ...now])).toMatchObject({ status: 0 });
    await at.run(['close', episode_id, '--note', 'the data was wrong', ...now]);
  }
  const notes = await at.query<{ note: string }>(
    "select note from alert_actions where kind = 'comment' order by note",
  );
  expect(notes).toEqual([{ note: 'bisected' }, { note: 'fixed' }]);
});

test('one episode is told step by step, with what people did and said', async () => {
  const { episodes } = JSON.parse((await at.run(['episodes', '--json'])).stdout);
  const { episode_id, first_bad_run_id } = episodes[0];
  await at.run(['comment', episode_id, '--note', 'seen before', ...now]);
  const told = await at.run(['episode', episode_id.slice(0, 8)]);
  expect(told).toMatchObject({ status: 0, stderr: '' });
  expect(told.stdout).toContain(`first bad run ${first_bad_run_id}`);
  expect(told.stdout.match(/seen before/g)).toHaveLength(1);
  const { steps } = JSON.parse((await at.run(['episode', episode_id, '--json'])).stdout);
  expect(steps.filter(({ note }: { note: string | null }) => note === 'seen before')).toEqual([
    expect.objectContaining({ who: 'ada' }),
  ]);
});

test.each<readonly [string, readonly string[], RegExp]>([
  ['an id that nobody has', ['ack', 'zzz'], /There is no episode "zzz"; "tidemark .*episodes" shows them/],
  ['an ack for ever', ['ack', 'a', '--for', '90d'], /at most 30d/],
  ['an ack of seven nobody knows what', ['ack', 'a', '--for', '7'], /write 12h, 7d or 1h30m/],
  ['an ack for no time', ['ack', 'a', '--for', 'soon'], /write 12h, 7d or 1h30m/],
  ['an accept without a reason', ['accept', 'a'], /without a reason: say it with --note/],
  ['a silence without an end', ['silence', 'test=x', '--note', 'x'], /without an end: say it with --for/],
  [
    'a silence of something unknown',
    ['silence', 'tset=x', '--for', '1d', '--note', 'x'],
    /did you mean "test"/,
  ],
  ['a silence that nobody made', ['unsilence', '12'], /There is no silence "12"; "tidemark .*status" shows/],
  ['an episode that is none', ['episode', 'zzz'], /There is no episode "zzz"/],
  ['episodes of a test that is none', ['episodes', 'mnits'], /did you mean "mnist"/],
])('%s is a mistake that says the next step', async (_, args, says) => {
  const answer = await at.run(args);
  expect(answer.status).toBe(2);
  expect(answer.stderr).toMatch(says);
  expect(answer.stdout).toBe('');
});

test('the table fits a terminal, and says so when there is nothing', async () => {
  const { stdout } = await at.run(['episodes', '--open']);
  expect(stdout).toMatch(/^EPISODE +TEST +SIGNAL +STATE +FIRST BAD/);
  expect(stdout).toMatch(/mnist +metric:loss +firing +2026-08-02 02:00/);
  const empty = workspace();
  await empty.run(['tick']);
  expect((await empty.run(['episodes'])).stdout).toBe('No episode.\n');
});
