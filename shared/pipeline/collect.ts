import {
  type Collected,
  type CollectedSource,
  type CollectRequest,
  collectedNothing,
  collectedProblem,
  collectRequestId,
  collectScalars,
} from '../core/collected.ts';
import type { EffectiveConfig } from '../core/effective-config.ts';
import type { Outcome } from '../core/outcome.ts';
import { learntEvent } from '../core/parse-message.ts';
import type { RunEvent } from '../core/run-event.ts';
import { hasEventFiles, type PlannedSource, plannedSources } from '../core/sources/plan.ts';
import { compareText } from '../core/text-order.ts';
import { formatTime } from '../core/time.ts';
import type { EventFiles } from '../ports/event-files.ts';
import { readScalars } from '../tfevents/read.ts';
import { lastingProblem } from './out-of-reach.ts';
import { readSource, type SourceReach } from './read-source.ts';

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
  readonly attempt: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly outcome: Outcome;
  readonly finishedAt: number;
  readonly events: readonly RunEvent[];
}

/**
 * What the event files of a run and its other sources hold: as recorded, else read now. Each end of a run is read for on its own,
 * since a run that was thought lost, or gets another attempt, has written on. A folder that is missing, empty
 * or out of bounds is an answer too; a place that cannot be reached now throws OutOfReach.
 */
export async function collect(
  task: CollectTask,
  config: EffectiveConfig,
  { reread, ...reach }: SourceReach & { readonly reread: boolean },
): Promise<Collection> {
  if (task.modelDir === null && config.sources === null) {
    return { collected: collectedNothing('', NO_FOLDER), learnt: null };
  }
  const planned = plannedSources(config.sources ?? [], task);
  const request = requestOf(task, config, planned);
  const { thread, testName, runId, attempt, outcome, finishedAt: time } = task;
  const requestId = collectRequestId(request);
  const id = `${runId}/${attempt}/${outcome}/${formatTime(time)}/${requestId}`;
  const recorded = task.events.find((event) => event.kind === 'collected' && event.id === `collected/${id}`);
  if (recorded !== undefined && !reread) return { collected: collectedOf(recorded), learnt: null };
  const now = await read(request, planned, reach);
  const collected = collectedProblem(now) === null ? now : withReadBefore(now, readBefore(task, requestId));
  return {
    collected,
    learnt: learntEvent({ kind: 'collected', thread, testName, id, time, body: collected }),
  };
}

const NO_FOLDER = 'the run named no model_dir';

function requestOf(
  { modelDir }: CollectTask,
  { sources, timeToAccuracy, useRunNamePrefix }: EffectiveConfig,
  planned: readonly PlannedSource[],
): CollectRequest {
  const asked = planned.flatMap(({ from }) => (from.kind === 'remote' ? [from.request] : []));
  return {
    // A run of event files alone is identified as it was before there were other sources.
    ...(sources === null ? {} : { sources }),
    ...(asked.length === 0 ? {} : { asked }),
    modelDir: modelDir ?? '',
    timeToAccuracy,
    useRunNamePrefix,
  };
}

async function read(
  request: CollectRequest,
  planned: readonly PlannedSource[],
  reach: SourceReach,
): Promise<Collected> {
  const { sources = null, modelDir } = request;
  const isWanted = hasEventFiles(sources);
  const files = !isWanted
    ? { ...collectedNothing(modelDir, ''), problem: null }
    : modelDir === ''
      ? collectedNothing('', NO_FOLDER)
      : await readFiles(reach.eventFiles, request);
  if (sources === null) return files;
  const said: CollectedSource[] = [];
  for (const source of planned) said.push(await readSource(source, request, reach));
  return { ...files, sources: said };
}

function collectedOf({ body }: RunEvent): Collected {
  return JSON.parse(body) as Collected;
}

/** What was read of this attempt before, newest first. */
function readBefore({ events, runId, attempt }: CollectTask, requestId: string): Collected[] {
  return events
    .filter(({ kind, id }) => kind === 'collected' && id.endsWith(`/${requestId}`))
    .filter(({ id }) => id.startsWith(`collected/${runId}/${attempt}/`))
    .sort((a, b) => b.time - a.time || compareText(a.id, b.id))
    .map(collectedOf);
}

/** What cannot be read any more counts as it was: files are tidied up sooner than history is. */
function withReadBefore(now: Collected, before: readonly Collected[]): Collected {
  const files = asBefore(now, before);
  if (now.sources === undefined) return files;
  const sources = now.sources.map((source, at) =>
    asBefore(
      source,
      before.flatMap((one) => one.sources?.[at] ?? []),
    ),
  );
  return { ...files, sources };
}

interface Readable {
  readonly problem: string | null;
  readonly notes: readonly string[];
}

function asBefore<T extends Readable>(now: T, before: readonly T[]): T {
  const whole = before.find(({ problem }) => problem === null);
  if (now.problem === null || whole === undefined) return now;
  const note = `${now.problem}; what was read before counts`;
  return { ...whole, notes: [...whole.notes.filter((known) => known !== note), note] };
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
    return collectedNothing(request.modelDir, lastingProblem(error));
  }
}
