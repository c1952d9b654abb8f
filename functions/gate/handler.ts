import type { Decision } from '../../shared/core/decision-record.ts';
import type { VerdictBody } from '../../shared/core/gate/record.ts';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { askGate, type GateHistory } from '../../shared/pipeline/ask-gate.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { Log } from '../../shared/ports/log.ts';
import { UsageError } from '../errors.ts';
import { readAsked } from './asked.ts';
import { type GateRequest, type GateResponse, headerOf, jsonAnswer, Refusal } from './http.ts';
import type { Guard } from './tokens.ts';
import { type GateWords, readWords } from './words.ts';

/** What answers are made with. */
export interface GateDeps {
  readonly history: () => Promise<GateHistory>;
  readonly guard: Guard;
  readonly tests: ReadonlyMap<string, TestConfig>;
  readonly clock: Clock;
  readonly log: Log;
  /** Keeps a verdict that is not pending; the same one may come again. Never rejects. */
  readonly keep: (verdict: Kept) => Promise<void>;
  /** Resolves after so many milliseconds; rejects where nobody waits any more. */
  readonly sleep: (ms: number) => Promise<void>;
  /** What is not about verdicts, by path. */
  readonly others?: Readonly<Record<string, (request: GateRequest) => Promise<GateResponse>>>;
}

/** A verdict as it is kept. */
export type Kept = Decision & { readonly data: VerdictBody };

/** A body larger than this is not read. */
export const MOST_BODY = 64 * 1024;
const MOST_URL = 8 * 1024;
const LONGEST_WAIT_MS = 60_000;
const POLL_MS = 500;

const GATE_STATUS = { pass: 200, fail: 409, inconclusive: 412, pending: 425 } as const;
/** For a hook that rolls back when it is answered with success. */
const ROLLBACK_STATUS = { ...GATE_STATUS, pass: 409, fail: 200 } as const;

/** Answers one request. Never throws; what nobody foresaw is a line of the log and says nothing outside. */
export async function handleGate(request: GateRequest, deps: GateDeps): Promise<GateResponse> {
  try {
    return await route(request, deps);
  } catch (error) {
    return refused(error, deps.log);
  }
}

async function route(request: GateRequest, deps: GateDeps): Promise<GateResponse> {
  if (request.url.length > MOST_URL) throw new Refusal(414, `The URL is longer than ${MOST_URL} characters`);
  if (request.body.length > MOST_BODY) throw new Refusal(413, `The body is larger than ${MOST_BODY} bytes`);
  const url = URL.canParse(request.url, 'http://gate') ? new URL(request.url, 'http://gate') : null;
  const path = url?.pathname ?? '';
  if (path === '/healthz') return jsonAnswer(200, { ok: true });
  const other = deps.others !== undefined && Object.hasOwn(deps.others, path) ? deps.others[path] : undefined;
  if (other !== undefined) {
    allow(request, ['POST']);
    return other(request);
  }
  if (url === null || (path !== '/v1/verdict' && path !== '/v1/gate')) {
    throw new Refusal(404, 'There is nothing here; there are /v1/verdict and /v1/gate');
  }
  const isGate = path === '/v1/gate';
  allow(request, isGate ? ['GET', 'HEAD', 'POST'] : ['GET', 'HEAD']);
  const caller = deps.guard(request);
  const words = readWords(request, url.searchParams);
  if (words.when !== undefined && (!isGate || words.when !== 'fail')) {
    throw new Refusal(400, 'The parameter when may be fail, at /v1/gate');
  }
  if (!caller.mayAsk(words.test)) throw new Refusal(403, 'This token may not ask about that test');
  const record = await answer(words, deps);
  if (record.data.verdict !== 'pending') await deps.keep(record);
  const status = isGate ? (words.when === 'fail' ? ROLLBACK_STATUS : GATE_STATUS) : null;
  return respond(request, record, status?.[record.data.verdict] ?? 200);
}

function allow({ method }: GateRequest, methods: readonly string[]): void {
  if (methods.includes(method)) return;
  throw new Refusal(405, `Wanted ${methods.join(' or ')}`, { allow: methods.join(', ') });
}

function respond(request: GateRequest, { id, data }: Kept, status: number): GateResponse {
  const etag = `"${id}"`;
  const asked = headerOf(request, 'if-none-match')?.split(',') ?? [];
  const isKnown = asked.some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, '')));
  // Only of an answer that is a success may one that is known be left out.
  if (isKnown && status === 200 && request.method !== 'POST') {
    return { status: 304, headers: { etag, 'cache-control': 'no-cache' }, body: '' };
  }
  return jsonAnswer(status, { id, ...data }, { etag });
}

/** Asks until the verdict is not pending or the time to wait is over. */
async function answer(words: GateWords, deps: GateDeps): Promise<Kept> {
  const asked = readAsked(words);
  const until = deps.clock.now() + waitOf(words.wait);
  for (;;) {
    const now = deps.clock.now();
    const reply = await askGate(await deps.history(), { ...asked, tests: deps.tests, now });
    if (reply.kind === 'unknown') throw new Refusal(404, 'There is no such test');
    if (reply.kind === 'problem') throw new Refusal(400, reply.problem);
    if (reply.record.data.verdict !== 'pending' || now >= until) return reply.record;
    await deps.sleep(Math.min(POLL_MS, until - now));
  }
}

/** In milliseconds; more than a minute is a minute, since what stands between gives up sooner. */
function waitOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const seconds = /^\d{1,6}(?:\.\d+)?$/.test(text) ? Number(text) : null;
  if (seconds === null) throw new Refusal(400, 'The parameter wait is no number of seconds');
  return Math.min(seconds * 1000, LONGEST_WAIT_MS);
}

function refused(error: unknown, log: Log): GateResponse {
  if (error instanceof Refusal) return jsonAnswer(error.status, { error: error.message }, error.headers);
  if (error instanceof UsageError) return jsonAnswer(400, { error: error.message });
  const { message } = error as Error;
  if (error instanceof PortError) {
    log.warn(`The gate cannot answer: ${message}`, { event: 'gate_failed' });
    return jsonAnswer(503, { error: 'The history cannot be asked now; try again' }, { 'retry-after': '5' });
  }
  log.error(`The gate has failed: ${message}`, { event: 'gate_failed', error });
  return jsonAnswer(500, { error: 'Internal error' });
}
