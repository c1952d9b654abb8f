import type { SightRecord } from '../core/episodes/actions.ts';
import { foldEpisodes } from '../core/episodes/fold.ts';
import { EPISODE_SETTINGS } from '../core/episodes/settings.ts';
import type { DecodeV2 } from '../core/message-v2.ts';
import { parseMessage } from '../core/parse-message.ts';
import type { RejectedMessage, RunEvent } from '../core/run-event.ts';
import { PortError } from '../ports/error.ts';
import type { Ports, Settings } from './context.ts';
import { evaluate } from './evaluate.ts';
import type { RunReport } from './evaluate-run.ts';
import { settle } from './settle.ts';

export interface ReplayOptions {
  /** Open the event files again instead of using what was recorded of them. */
  readonly reread: boolean;
  readonly onRun?: (report: RunReport) => void;
}

/**
 * Rebuilds `job_history`, `metric_history` and episodes from `run_events` alone. Sends no mail, and nobody hears
 * anything anew.
 */
export async function replay(ports: Ports, settings: Settings, options: ReplayOptions): Promise<number> {
  return holding(ports, async () => {
    await ports.history.rebuild();
    // What time would infer now is the next tick's to say: only what an earlier one inferred is rebuilt.
    await settle(ports, Number.NEGATIVE_INFINITY);
    const { reports } = await evaluate(ports, settings, { alerts: 'none', ...options });
    await refold(ports);
    return reports.length;
  });
}

/** All episodes once more from what moved them. */
async function refold({ history }: Ports): Promise<void> {
  const byTest = Map.groupBy(await history.sightings(), ({ testName }) => testName);
  const folded = [...byTest.values()].map((events) =>
    foldEpisodes(
      events.map(({ body }) => JSON.parse(body) as SightRecord),
      EPISODE_SETTINGS,
    ),
  );
  await history.replaceEpisodes({
    episodes: folded.flatMap(({ episodes }) => episodes),
    events: folded.flatMap(({ events }) => events),
  });
}

export interface Retried {
  readonly recorded: number;
  readonly rejected: readonly RejectedMessage[];
}

/** Tries the rejected messages again; those that can be read now are recorded for the next tick. */
export async function retryRejected(ports: Ports): Promise<Retried> {
  return holding(ports, async () => {
    const waiting = await ports.history.rejected();
    const accepted: { id: string; event: RunEvent }[] = [];
    const rejected: RejectedMessage[] = [];
    const hasV2 = waiting.some(({ reason }) => reason === 'v2');
    const decodeV2 = hasV2 ? await ports.decodeV2?.() : undefined;
    for (const message of waiting) {
      const event = retry(message, decodeV2);
      if (event === null) rejected.push(message);
      else accepted.push({ id: message.id, event });
    }
    const events = accepted.map(({ event }) => event);
    await ports.history.append({ events, rejected: [], at: ports.clock.now() });
    await ports.history.forgetRejected(accepted.map(({ id }) => id));
    return { recorded: events.length, rejected };
  });
}

function retry(message: RejectedMessage, decodeV2: DecodeV2 | undefined): RunEvent | null {
  const { id, name, publishTime, body, reason } = message;
  // A conflict was readable all along; it lost against a message with the same id and would again. A line of a
  // backfill file is no message, though its keys are much like those of v1.
  if (body === null || reason === 'conflict' || reason === 'line') return null;
  const format = reason === 'v2' ? 'v2' : 'json';
  const parsed = parseMessage({ id, name, publishTime, body, format }, { decodeV2 });
  return parsed.kind === 'event' ? parsed.event : null;
}

async function holding<T>({ lease }: Ports, work: () => Promise<T>): Promise<T> {
  const held = await lease.acquire();
  if (held === null)
    throw new PortError('busy', 'Another tick is at work on this state; try again when it is done');
  try {
    return await work();
  } finally {
    await held.release();
  }
}
