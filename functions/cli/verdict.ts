import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '../../shared/core/outcome.ts';
import { splitReason } from '../../shared/core/reason.ts';
import { pendingJson, type RunJson, runJson } from '../../shared/core/run-json.ts';
import { parseDuration } from '../../shared/core/time.ts';
import type { History, RunView } from '../../shared/ports/history.ts';
import { formatValue } from '../../shared/render/number.ts';
import { renderTable } from '../../shared/render/table.ts';
import { clockAt } from '../clock.ts';
import type { GlobalFlags, Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { explanationJson, explanationText } from './explain-text.ts';
import { explainVerdict } from './explain-verdict.ts';
import { oneLine, type Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';
import { shortTime, verdictColumn, whyText } from './summary.ts';
import type { VersionFlags } from './verdict-of-version.ts';

/** What `verdict` takes. */
export interface VerdictFlags extends VersionFlags {
  readonly run?: string;
  readonly explain?: boolean;
  readonly explainId?: string;
}

/** Flags that say something about a version. */
const OF_VERSION = [
  'baseline',
  'baselineLabel',
  'policy',
  'runs',
  'onInconclusive',
  'format',
  'soft',
  'out',
] as const;

const EXIT: Readonly<Record<Verdict, number>> = { pass: 0, fail: 1, inconclusive: 3, pending: 4 };
const POLL_MS = 500;

/** Answers with the verdict as the exit code, waiting for one that is pending as long as it is told to. */
export async function verdictCommand(
  testName: string,
  flags: VerdictFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  if (flags.explainId !== undefined) {
    const { verdictAgain } = await import('./verdict-again.ts');
    return verdictAgain(testName, { ...flags, explainId: flags.explainId }, terminal);
  }
  if (flags.ofVersion !== undefined) {
    if (flags.run !== undefined || flags.explain) {
      throw new UsageError('Cannot ask for a version together with --run or --explain');
    }
    return (await import('./verdict-of-version.ts')).verdictOfVersion(testName, flags, terminal);
  }
  const stray = OF_VERSION.find((name) => flags[name] !== undefined);
  if (stray !== undefined) {
    const flag = stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`--${flag} goes only with --version`);
  }
  return verdictOfRun(testName, flags, terminal);
}

async function verdictOfRun(
  testName: string,
  flags: VerdictFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const wait = flags.wait === undefined ? 0 : parseDuration(flags.wait);
  if (wait === null)
    throw new UsageError(`Cannot read --wait "${flags.wait}": wanted a duration such as 15m`);
  const { view, explained } = await withHistory(setup, terminal.env, async (history) => {
    const found = await settledRun(history, { testName, setup, flags, wait });
    const why = flags.explain && found !== null ? await explainVerdict(found, { history, setup }) : [];
    return { view: found, explained: why };
  });
  const json = view === null ? pendingJson(testName, flags.run ?? '', 'running') : jsonOf(view);
  const more = flags.explain ? { explanations: explained.map(explanationJson) } : {};
  if (flags.json) terminal.out(`${JSON.stringify({ ...json, ...more })}\n`);
  else terminal.out(`${verdictText(view, json, terminal)}${explanationText(explained)}`);
  return EXIT[json.verdict];
}

interface Question {
  readonly testName: string;
  readonly setup: Setup;
  readonly flags: VerdictFlags;
  readonly wait: number;
}

/** The run asked for, once it is judged or the time to wait is over; null when it is not known yet. */
async function settledRun(
  history: History,
  { testName, setup, flags, wait }: Question,
): Promise<RunView | null> {
  const clock = clockAt(undefined);
  const until = clock.now() + wait;
  for (;;) {
    // The first run of a new test may be the one that is waited for.
    if (clock.now() >= until) await requireTest(testName, history, setup);
    const view = await history.findRun(testName, flags.run ?? null);
    const waited = clock.now() >= until;
    if (view === null && flags.run !== undefined && wait === 0) {
      throw new UsageError(
        `Test "${testName}" has no run "${flags.run}"; "tidemark history ${testName}" lists its runs`,
      );
    }
    if (waited || (view !== null && view.job !== null)) return view;
    await sleep(Math.min(POLL_MS, Math.max(1, until - clock.now())));
  }
}

function jsonOf({ run, job, metrics }: RunView): RunJson {
  if (job !== null) return runJson(job, metrics);
  return pendingJson(run.testName, run.runId, run.ended?.outcome ?? 'running');
}

function verdictText(view: RunView | null, json: RunJson, { width, color }: Terminal): string {
  if (view === null || view.job === null) {
    return `${oneLine(json.test_name)} ${oneLine(json.run_id)}: pending (${json.outcome})\n`;
  }
  const { job, metrics } = view;
  const why = whyText(job, metrics);
  const head = `${oneLine(job.testName)} ${oneLine(job.runId)}: ${job.verdict}${why === '' ? '' : ` — ${oneLine(why)}`}`;
  const ended = `${job.outcome} at ${shortTime(job.finishedAt)} UTC`;
  const rows = metrics.flatMap(({ metricName, value, kind, lower, upper, verdict, reason, baselineN }) =>
    verdict === null
      ? []
      : [
          [
            metricName,
            formatValue(value, kind),
            bound(lower),
            bound(upper),
            verdict,
            reasonText(reason),
            runsText(baselineN),
          ],
        ],
  );
  const columns = [
    { title: 'METRIC', min: 16 },
    { title: 'VALUE', align: 'right' as const, min: 9 },
    { title: 'LOWER', align: 'right' as const, min: 9 },
    { title: 'UPPER', align: 'right' as const, min: 9 },
    verdictColumn('VERDICT'),
    { title: 'REASON', min: 8 },
    { title: 'BOUNDS FROM', min: 8 },
  ];
  const table = rows.length === 0 ? [] : [renderTable(columns, rows, { width, color })];
  return `${[head, ended, ...table].join('\n')}\n`;
}

function bound(value: number | null): string {
  return value === null ? '' : formatValue(value, 'finite');
}

function reasonText(reason: string | null): string {
  return reason === null ? '' : splitReason(reason).word;
}

function runsText(baselineN: number): string {
  if (baselineN === 0) return '';
  return `${baselineN} run${baselineN === 1 ? '' : 's'}`;
}
