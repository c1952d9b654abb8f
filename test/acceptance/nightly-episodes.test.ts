// Three real trainings, 45 nights each, with the changes of truth.json: the recommended rule, its incidents, and mails.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { beforeAll, expect, test } from 'vitest';
import { NIGHTLY, workspaces } from '../support/cli.ts';
import { NIGHTLY_AUTO, nightlyChanges, nightlyRuns } from '../support/nightly.ts';

interface Change {
  readonly test_name: string;
  readonly metric: string;
  readonly kind: string;
  readonly from_run: number;
  readonly to_run: number;
  readonly recovers_at_run: number | null;
  readonly during?: { readonly n: number; readonly finite: number };
}

/** As contracts §6 has it. */
interface Episode {
  readonly episode_id: string;
  readonly test_name: string;
  readonly signal: string;
  readonly polarity: string;
  readonly state: string;
  readonly closed_reason: string | null;
  readonly opened_at: string;
  readonly fired_at: string | null;
  readonly closed_at: string | null;
  readonly first_bad_run_id: string;
  readonly last_good_run_id: string;
  readonly bad_total: number;
}

interface SentMail {
  readonly state: string;
  readonly episodes: readonly string[];
  readonly thread: string;
  readonly subject: string;
}

const truth = nightlyChanges<Change>();
const runs = nightlyRuns();
const at = workspaces()();
const config = ['--config', NIGHTLY_AUTO];
let episodes: Episode[];
let mails: SentMail[];

beforeAll(async () => {
  await at.run(['backfill', join(NIGHTLY, 'runs.jsonl'), '--mail', ...config]);
  episodes = await episodesNow();
  const folder = join(at.state, 'mail');
  const files = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  mails = await Promise.all(files.sort().map((name) => readMail(join(folder, name))));
});

async function episodesNow(...more: readonly string[]): Promise<Episode[]> {
  const { stdout } = await at.run(['episodes', '--json', ...more, ...config]);
  return JSON.parse(stdout).episodes;
}

/** By a parser that is none of ours. */
async function readMail(file: string): Promise<SentMail> {
  const { headers, subject = '' } = await PostalMime.parse(readFileSync(file));
  const header = (name: string) => headers.find(({ key }) => key === name)?.value ?? '';
  return {
    state: header('x-tidemark-state'),
    episodes: header('x-tidemark-episode').split(/\s+/),
    thread: header('references'),
    subject,
  };
}

/** What the config watches: all but two metrics, and how runs end. */
const watched = truth.filter(({ metric }) => !['examples_per_sec', 'train/epoch_accuracy'].includes(metric));
const lasts = ({ kind, from_run, to_run, during }: Change) =>
  kind === 'crash' || to_run > from_run || during?.finite === 0;
const signalOf = ({ metric, kind }: Change) =>
  kind === 'crash' ? 'job' : `metric:${metric}${metric === 'total_wall_time' ? '' : '_final'}`;
const nameOf = (change: Change) => `${change.test_name} ${signalOf(change)}`;
const fired = () => episodes.filter(({ fired_at }) => fired_at !== null);
const episodeOf = (change: Change) =>
  fired().find((one) => `${one.test_name} ${one.signal}` === nameOf(change))!;
const nightOf = (test_name: string, run_id: string) =>
  runs.filter((run) => run.test_name === test_name).findIndex(({ job_name }) => job_name === run_id);

test('an incident fires for each change that lasts, each value that is no number and the crash, and for nothing else', () => {
  const names = fired().map(({ test_name, signal }) => `${test_name} ${signal}`);
  expect(names.sort()).toEqual(watched.filter(lasts).map(nameOf).sort());
  expect(fired().every(({ polarity }) => polarity === 'bad')).toBe(true);
});

test('a change of one night that is a number is suspected and closed as noise', () => {
  const oneNight = watched.filter((change) => !lasts(change));
  expect(oneNight.map(nameOf)).toEqual(['wine-linear-conv-v3-8 metric:validation/epoch_accuracy_final']);
  const quiet = episodes.filter(({ fired_at }) => fired_at === null);
  for (const { state, closed_reason } of quiet) expect([state, closed_reason]).toEqual(['closed', 'noise']);
  expect(quiet.map(({ test_name, signal }) => `${test_name} ${signal}`)).toContain(nameOf(oneNight[0]!));
});

test('each begins with its change, knows the last good run, and is over when its change is', () => {
  for (const change of watched.filter(lasts)) {
    const episode = episodeOf(change);
    const first = nightOf(change.test_name, episode.first_bad_run_id);
    // A drift shows when it has gone far enough; at a step the first bad night is the first of the step.
    const late = first - change.from_run;
    expect([nameOf(change), change.kind === 'drift' ? late >= 0 && late <= 15 : late]).toEqual([
      nameOf(change),
      change.kind === 'drift' ? true : 0,
    ]);
    expect(nightOf(change.test_name, episode.last_good_run_id)).toBeLessThan(first);
    const isOver = change.recovers_at_run !== null;
    expect([episode.state, episode.closed_reason]).toEqual(
      isOver ? ['closed', 'recovered'] : ['firing', null],
    );
  }
});

test('each is told in one FIRING and, once it is over, in one RECOVERED of the same thread', () => {
  for (const { episode_id, closed_reason } of fired()) {
    const about = mails.filter((mail) => mail.episodes.includes(episode_id));
    expect(about.map(({ state }) => state)).toEqual(
      closed_reason === 'recovered' ? ['firing', 'recovered'] : ['firing'],
    );
    expect(new Set(about.map(({ thread, subject }) => `${thread} ${subject}`)).size).toBe(1);
    expect(about[0]!.thread).toMatch(/^<.+@.+>$/);
  }
  const told = mails.flatMap((mail) => mail.episodes);
  expect(new Set(told)).toEqual(new Set(fired().map(({ episode_id }) => episode_id)));
});

test('open ones alone, or those of one test, can be asked for; a replay gives the same', async () => {
  const open = await episodesNow('--open');
  expect(open.map(({ signal }) => signal).sort()).toEqual([
    'metric:rmse/validation_final',
    'metric:total_wall_time',
  ]);
  const { stdout } = await at.run(['episodes', 'wine-linear-conv-v3-8', '--json', ...config]);
  expect(JSON.parse(stdout).episodes).toEqual(
    episodes.filter(({ test_name }) => test_name === 'wine-linear-conv-v3-8'),
  );
  await at.run(['replay', ...config]);
  expect(await episodesNow()).toEqual(episodes);
});
