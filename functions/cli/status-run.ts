import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../shared/core/outcome.ts';
import { type RunEnd, runEndOf } from '../../shared/core/run-end.ts';
import { formatTime, parseDuration, parseTime } from '../../shared/core/time.ts';
import type { History, RunView } from '../../shared/ports/history.ts';
import { formatDuration } from '../../shared/render/number.ts';
import { clockAt } from '../clock.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { oneLine, type Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';
import { shortTime } from './summary.ts';

export interface RunStatusFlags {
  readonly run?: string;
  readonly wait?: string | true;
  readonly since?: string;
  readonly json?: boolean;
}

/** Of one run: 0 it succeeded, 1 it ended otherwise, 4 it is still open. */
const EXIT = { success: 0, other: 1, open: 4 } as const;
const POLL_MS = 500;
const DEFAULT_WAIT = '24h';

/** How one run of a test stands, waiting for its end where that is asked for. */
export async function runStatusCommand(
  testName: string,
  flags: RunStatusFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const wait = waitOf(flags.wait);
  const since = sinceOf(flags.since);
  const found = await withHistory(setup, terminal.env, async (history) => {
    if (wait === 0) await requireTest(testName, history, setup);
    const view = await endedRun(history, { testName, runId: flags.run ?? null, since, wait });
    if (view === null) {
      await requireTest(testName, history, setup);
      const begun = flags.since === undefined ? 'no run yet' : `no run that began at ${flags.since} or later`;
      const what = flags.run === undefined ? begun : `no run "${flags.run}"`;
      throw new UsageError(`Test "${testName}" has ${what}; "tidemark history ${testName}" lists its runs`);
    }
    const { run } = view;
    const events = (await history.eventsOf([run.thread])).get(run.thread) ?? [];
    return { view, end: runEndOf(events, { ...run, outcome: run.ended?.outcome ?? null }) };
  });
  terminal.out(flags.json ? `${JSON.stringify(statusJson(found))}\n` : statusText(found));
  return exitOf(found.view.run.ended?.outcome ?? null);
}

function waitOf(flag: string | true | undefined): number {
  if (flag === undefined) return 0;
  const wait = parseDuration(flag === true ? DEFAULT_WAIT : flag);
  if (wait !== null) return wait;
  throw new UsageError(`Cannot read --wait "${flag}": wanted a duration such as 15m`);
}

function sinceOf(text: string | undefined): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  const since = parseTime(text);
  if (since !== null) return since;
  throw new UsageError(`Cannot read --since "${text}": write a time as 2026-08-01T02:15:00Z`);
}

interface Waited {
  readonly testName: string;
  readonly runId: string | null;
  /** Runs that began earlier are not looked at. */
  readonly since: number;
  readonly wait: number;
}

/** The run once it has ended, or as it stands when the time to wait is over. */
async function endedRun(history: History, { testName, runId, since, wait }: Waited): Promise<RunView | null> {
  const clock = clockAt(undefined);
  const until = clock.now() + wait;
  for (;;) {
    const found = await history.findRun(testName, runId);
    const view = found !== null && (found.run.startedAt ?? since) >= since ? found : null;
    if (clock.now() >= until || (view !== null && view.run.ended !== null)) return view;
    await sleep(Math.min(POLL_MS, Math.max(1, until - clock.now())));
  }
}

function exitOf(outcome: Outcome | null): number {
  if (outcome === null) return EXIT.open;
  return outcome === 'success' ? EXIT.success : EXIT.other;
}

interface Found {
  readonly view: RunView;
  readonly end: RunEnd;
}

function statusJson({ view: { run, job }, end }: Found): object {
  const { ended, startedAt } = run;
  return {
    test_name: run.testName,
    run_id: run.runId,
    attempt: run.attempt,
    outcome: ended?.outcome ?? 'running',
    exit_code: end.exitCode,
    signal: end.signal,
    reason: end.reason,
    message: end.message,
    started_at: startedAt === null ? null : formatTime(startedAt),
    finished_at: ended === null ? null : formatTime(ended.finishedAt),
    duration_s: durationOf(run) === null ? null : durationOf(run)! / 1000,
    host: end.host,
    links: end.links,
    verdict: job?.verdict ?? 'pending',
  };
}

function statusText({ view: { run, job }, end }: Found): string {
  const { testName, runId, attempt, startedAt, ended, checkAt } = run;
  const how = [end.exitCode === null ? null : `exit code ${end.exitCode}`, end.signal].filter((part) => part);
  const outcome = ended === null ? 'still running' : [ended.outcome, ...how].join(', ');
  const took = durationOf(run);
  const lines: readonly (readonly [string, string | null])[] = [
    ['attempt', attempt === 1 ? null : String(attempt)],
    ['started', startedAt === null ? null : `${shortTime(startedAt)} UTC`],
    ['ended', ended === null ? null : `${shortTime(ended.finishedAt)} UTC`],
    ['took', took === null ? null : formatDuration(took / 1000)],
    ['given up', ended !== null || checkAt === null ? null : `after ${shortTime(checkAt)} UTC`],
    ['host', end.host],
    ['why', end.message ?? end.reason],
    ...end.links.map((link) => ['link', link] as const),
    ['verdict', job?.verdict ?? 'pending'],
  ];
  const shown = lines.flatMap(([name, text]) =>
    text === null ? [] : [`  ${name.padEnd(8)}  ${oneLine(text)}`],
  );
  return `${[`${oneLine(testName)} ${oneLine(runId)}: ${outcome}`, ...shown].join('\n')}\n`;
}

function durationOf({ startedAt, ended }: RunView['run']): number | null {
  return startedAt === null || ended === null ? null : ended.finishedAt - startedAt;
}
