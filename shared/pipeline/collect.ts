import {
  type Collected,
  type CollectRequest,
  collectedNothing,
  collectRequestId,
  collectScalars,
} from '../core/collected.ts';
import type { EffectiveConfig } from '../core/effective-config.ts';
import { learntEvent } from '../core/parse-message.ts';
import type { RunEvent } from '../core/run-event.ts';
import { PortError } from '../ports/error.ts';
import type { EventFiles } from '../ports/event-files.ts';
import { readScalars } from '../tfevents/read.ts';

export interface Collection {
  readonly collected: Collected;
  /** The row that records it; null when it was recorded before. */
  readonly learnt: RunEvent | null;
}

/** Which run to collect for, and what is already recorded of it. */
export interface CollectTask {
  readonly thread: string;
  readonly testName: string;
  readonly runId: string;
  readonly modelDir: string | null;
  readonly finishedAt: number;
  readonly events: readonly RunEvent[];
}

/**
 * What the event files of a run hold: as recorded, else read now. A folder that is missing, empty or out of
 * bounds is an answer too; a place that cannot be reached now throws, and the run is tried again later.
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
  const { thread, testName } = task;
  const id = `${task.runId}/${collectRequestId(request)}`;
  const recorded = task.events.find((event) => event.kind === 'collected' && event.id === `collected/${id}`);
  if (recorded !== undefined && !reread) {
    return { collected: JSON.parse(recorded.body) as Collected, learnt: null };
  }
  const collected = await readFiles(eventFiles, request);
  const time = task.finishedAt;
  return {
    collected,
    learnt: learntEvent({ kind: 'collected', thread, testName, id, time, body: collected }),
  };
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
    throw error;
  }
}
