import { setTimeout as sleep } from 'node:timers/promises';
import type { Decision } from '../../shared/core/decision-record.ts';
import { reasonOf, within } from '../../shared/pipeline/send.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { History } from '../../shared/ports/history.ts';
import type { Log } from '../../shared/ports/log.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import { openHistory, openQueue } from '../adapters.ts';
import type { Environment, Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { secretOf } from '../secret.ts';
import type { GateDeps, Kept } from './handler.ts';
import { mlflowWebhook } from './mlflow-webhook.ts';
import { modelTagger } from './tag-model.ts';
import { guardOf } from './tokens.ts';
import { decisionMessage } from './verdict-message.ts';

/** What a process that answers for long has open. */
export interface GateSession {
  readonly deps: GateDeps;
  /** Stops waiting and closes what was opened. */
  close(): Promise<void>;
}

/** Of so many verdicts it is remembered that they were put on the queue; one that comes twice is recorded once. */
const REMEMBERED = 10_000;
const PUBLISH_WAIT_MS = 2000;

/** History and queue are opened when they are first needed, and history anew after it could not be. Throws UsageError. */
export function openSession(
  setup: Setup,
  { env, clock, log }: { readonly env: Environment; readonly clock: Clock; readonly log: Log },
): GateSession {
  const tokens = setup.gate?.tokens ?? [];
  if (tokens.length === 0) {
    throw new UsageError(
      `Cannot open the gate: ${setup.configFile} names no gate.tokens, so nobody could ask; docs/gate.md says how to make one`,
    );
  }
  const stop = new AbortController();
  const history = once(() => openHistory(setup.history, { create: false, env }));
  const queue = once(() => openQueue(setup.queue));
  const warn = (sentence: string) => log.warn(sentence, { event: 'verdict_not_told' });
  const [keep, tag] = [keeper(queue.get, log), modelTagger({ ...setup, env, warn })];
  const deps: GateDeps = {
    history: history.get,
    guard: guardOf(tokens),
    tests: setup.tests,
    clock,
    log,
    keep: async (verdict) => void (await Promise.all([keep(verdict), tag(verdict)])),
    others: webhooks(env, { clock, log, queue: queue.get }),
    sleep: async (ms) => void (await sleep(ms, undefined, { signal: stop.signal })),
  };
  return {
    deps,
    async close() {
      stop.abort();
      await Promise.all([history.close(), queue.close()]);
    },
  };
}

/** Routes of those who tell, as far as their secrets are set. */
function webhooks(
  env: Environment,
  { clock, log, queue }: { clock: Clock; log: Log; queue: () => Promise<Pick<Queue, 'publish'>> },
): NonNullable<GateDeps['others']> {
  const secret = secretOf('TIDEMARK_MLFLOW_WEBHOOK_SECRET', env);
  if (secret === undefined) return {};
  const publish = async (candidate: Decision) => {
    const { body, name } = decisionMessage(candidate);
    await within((async () => (await queue()).publish(body, name))(), PUBLISH_WAIT_MS);
  };
  return { '/v1/mlflow': mlflowWebhook({ secret, clock, log, publish }) };
}

/** Opens when it is first asked for; what could not be opened is tried again. */
function once<T extends Pick<History | Queue, 'close'>>(open: () => Promise<T>) {
  let opened: Promise<T> | null = null;
  return {
    get: () => {
      opened ??= open().catch((error: unknown) => {
        opened = null;
        throw error;
      });
      return opened;
    },
    close: async () => {
      await opened?.then((port) => port.close()).catch(() => undefined);
    },
  };
}

/** Puts verdicts on the queue, each once as far as it is remembered. A verdict that cannot be kept is one all the same. */
function keeper(queue: () => Promise<Pick<Queue, 'publish'>>, log: Log): GateDeps['keep'] {
  const told = new Set<string>();
  return async (verdict: Kept) => {
    if (told.has(verdict.id)) return;
    told.add(verdict.id);
    const [oldest] = told;
    if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest);
    const { body, name } = decisionMessage(verdict);
    try {
      await within((async () => (await queue()).publish(body, name))(), PUBLISH_WAIT_MS);
    } catch (error) {
      told.delete(verdict.id);
      log.warn(`A verdict was not kept: ${reasonOf(error)}`, {
        event: 'verdict_not_kept',
        verdict: verdict.id,
      });
    }
  };
}
