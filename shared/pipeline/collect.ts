import {
  type Collected,
  type CollectRequest,
  collectedNothing,
  collectRequestId,
  collectScalars,
} from '../core/collected.ts';
import type { EffectiveConfig } from '../core/effective-config.ts';
import type { Outcome } from '../core/outcome.ts';
import { learntEvent } from '../core/parse-message.ts';
import type { RunEvent } from '../core/run-event.ts';
import { compareText } from '../core/text-order.ts';
import { formatTime } from '../core/time.ts';
import { PortError } from '../ports/error.ts';
import type { EventFiles } from '../ports/event-files.ts';
import { readScalars } from '../tfevents/read.ts';

export interface Collection {
  readonly collected: Collected;
  /** The row that records it; null when it was recorded before. */
  readonly learnt: RunEvent | null;
}

/** A place cannot be reached now: its run is tried again, and no other run has to wait for it. */
export class OutOfReach extends Error {}

/** Which run to collect for, and what is already recorded of it. */
export interface CollectTask {
  readonly thread: string;
  readonly testName: string;
  readonly runId: string;
  readonly modelDir: string | null;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly finishedAt: number;
  readonly events: readonly RunEvent[];
}

/**
 * What the event files of a run hold: as recorded, else read now. Each end of a run is read for on its own,
 * since a run that was thought lost, or gets another attempt, has written on. A folder that is missing, empty
 * or out of bounds is an answer too; a place that cannot be reached now throws OutOfReach.
 */
export async function collect(
  task: CollectTask,
  config: EffectiveConfig,
  { eventFiles, reread }: { readonly eventFiles: EventFiles; readonly reread: boolean },
): Promise<Collection> {
  if (task.modelDir === null) {
    return { collected: collectedNothing('', 'the run named no model_dir'), learnt: null };
  }
  const request: CollectRequest = {
    modelDir: task.modelDir,
    timeToAccuracy: config.timeToAccuracy,
    useRunNamePrefix: config.useRunNamePrefix,
  };
  const { thread, testName, runId, attempt, outcome, finishedAt: time } = task;
  const requestId = collectRequestId(request);
  const id = `${runId}/${attempt}/${outcome}/${formatTime(time)}/${requestId}`;
  const recorded = task.events.find((event) => event.kind === 'collected' && event.id === `collected/${id}`);
  if (recorded !== undefined && !reread) return { collected: collectedOf(recorded), learnt: null };
  const now = await readFiles(eventFiles, request);
  const collected = now.problem === null ? now : (readBefore(task, requestId, now.problem) ?? now);
  return {
    collected,
    learnt: learntEvent({ kind: 'collected', thread, testName, id, time, body: collected }),
  };
}

function collectedOf({ body }: RunEvent): Collected {
  return JSON.parse(body) as Collected;
}

/** What was read of this attempt before its files went away: they are tidied up sooner than history is. */
function readBefore(
  { events, runId, attempt }: CollectTask,
  requestId: string,
  problem: string,
): Collected | null {
  const before = events
    .filter(({ kind, id }) => kind === 'collected' && id.endsWith(`/${requestId}`))
    .filter(({ id }) => id.startsWith(`collected/${runId}/${attempt}/`))
    .sort((a, b) => b.time - a.time || compareText(a.id, b.id))
    .map(collectedOf)
    .find((collected) => collected.problem === null);
  if (before === undefined) return null;
  const note = `${problem}; what was read before counts`;
  return { ...before, notes: [...before.notes.filter((known) => known !== note), note] };
}

async function readFiles(eventFiles: EventFiles, request: CollectRequest): Promise<Collected> {
  try {
    const { files, skipped } = await eventFiles.list(request.modelDir);
    const opened = files.map((file) => ({
      path: file.path,
      run: file.run,
      size: file.bytes,
      bytes: eventFiles.open(file),
    }));
    const scalars = await readScalars(opened);
    const notes = [
      ...scalars.notes,
      ...skipped.map(({ path, reason }) => `"${path}" was not read: ${reason}`),
    ];
    return collectScalars({ ...scalars, notes }, request);
  } catch (error) {
    if (error instanceof PortError && !error.retryable) {
      return collectedNothing(request.modelDir, error.message);
    }
    throw error instanceof PortError ? new OutOfReach(error.message, { cause: error }) : error;
  }
}
