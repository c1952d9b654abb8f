import { structuredLog } from '../../shared/adapters/log/structured.ts';
import { formatTime, parseDuration, parseTime } from '../../shared/core/time.ts';
import { type TickReport, type TimeBudget, tick } from '../../shared/pipeline/tick.ts';
import { PortError } from '../../shared/ports/error.ts';
import { clockAt } from '../clock.ts';
import { type Environment, loadSetup, type Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { ping } from '../ping.ts';
import { withPorts } from '../ports.ts';

/** What the scheduler sends, as far as it is listened to: the body says nothing. */
export interface TickRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** `body` is sent as JSON. */
export interface TickResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The function is killed at its limit; this share of it is for taking up work, the next for sending mails. */
const WORK_SHARE = 0.8;
const MAIL_SHARE = 0.9;
/** The limit that the infrastructure gives the function unless it says otherwise. */
const DEFAULT_LIMIT = '840s';

/**
 * One scheduled call: environment → ports → one pass. Answers 200 when the pass did its work or another one is at
 * it, 500 when it did not; a line `tick_completed` in the log is the sign of life to watch for.
 */
export async function handleTick(
  request: TickRequest,
  { env, write }: { readonly env: Environment; readonly write: (line: string) => void },
): Promise<TickResponse> {
  const clock = clockAt(env.TIDEMARK_NOW);
  const tickId = tickIdOf(request) ?? formatTime(clock.now());
  const log = structuredLog(write, { tick_id: tickId });
  const began = performance.now();
  try {
    // From here on, since opening a history that is slow to answer is time of the function, too.
    const budget = budgetOf(timeLimit(env));
    const setup = requireAllowLists(await loadSetup({}, env));
    const report = await withPorts(setup, { env, clock, log, print: (line) => log.info(line) }, (ports) =>
      tick(ports, setup, { tickId, budget }),
    );
    if (report === null) {
      log.info('Another tick is at work on this state; this one has nothing to do', { event: 'tick_busy' });
      return { status: 200, body: { tick_id: tickId, busy: true } };
    }
    const body = { ...summary(report), seconds: Math.round(performance.now() - began) / 1000 };
    await ping(setup.ping, log);
    log.info('The tick has completed', { event: 'tick_completed', ...body });
    return { status: 200, body };
  } catch (error) {
    const { message } = error as Error;
    // A mistake in the config, or a service in trouble, is no bug of ours: it has no stack worth grouping.
    const isTheirs = error instanceof UsageError || error instanceof PortError;
    const fields = isTheirs ? {} : { error };
    log.error(`The tick has failed: ${message}`, { event: 'tick_failed', ...fields });
    return { status: 500, body: { tick_id: tickId, error: message } };
  }
}

/** Every attempt of one schedule carries the same time. */
function tickIdOf({ headers }: TickRequest): string | null {
  const header = headers['x-cloudscheduler-scheduletime'];
  const time = typeof header === 'string' ? parseTime(header) : null;
  return time === null ? null : formatTime(time);
}

/** In milliseconds; the platform's own limit is an hour. */
const LONGEST_LIMIT = 3_600_000;

function timeLimit({ TIDEMARK_TIME_LIMIT: text = DEFAULT_LIMIT }: Environment): number {
  const limit = parseDuration(text);
  if (limit !== null && limit > 0 && limit <= LONGEST_LIMIT) return limit;
  throw new UsageError(`Cannot read TIDEMARK_TIME_LIMIT "${text}": wanted a duration up to 1h, such as 840s`);
}

function budgetOf(limit: number): TimeBudget {
  return {
    work: AbortSignal.timeout(Math.floor(limit * WORK_SHARE)),
    mails: AbortSignal.timeout(Math.floor(limit * MAIL_SHARE)),
  };
}

/** Anybody who may publish chooses what a message points at; here that is more than one machine's files. */
function requireAllowLists(setup: Setup): Setup {
  const missing = [
    ...(setup.modelRoots === undefined ? ['model_roots'] : []),
    ...(setup.clusters === undefined ? ['clusters'] : []),
  ];
  if (missing.length === 0) return setup;
  const place = setup.configPath ?? `${setup.configFile}, which is not there`;
  throw new UsageError(
    `Cannot start: the function wants ${missing.join(' and ')} in ${place}: what a message may point at (an empty list allows nothing)`,
  );
}

function summary(report: TickReport) {
  const verdicts: Record<string, number> = {};
  for (const { job } of report.runs) verdicts[job.verdict] = (verdicts[job.verdict] ?? 0) + 1;
  return {
    tick_id: report.tickId,
    runs: report.runs.length,
    verdicts,
    waiting: report.waiting,
    oldest_waiting_hours: report.oldestWaitingMs === null ? null : hours(report.oldestWaitingMs),
    rejected: report.rejected,
    mails: report.mails,
  };
}

function hours(ms: number): number {
  return Math.round(ms / 36_000) / 100;
}
