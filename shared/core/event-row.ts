import { EVENT_TYPES } from './event-envelope.ts';
import { canonicalJson } from './json.ts';
import { eventKey, heartbeatKey, type RunEvent, runThread } from './run-event.ts';
import type { TidemarkEvent } from './schema/message.ts';

/** Kinds of rows by the type of the event that they record. */
export const EVENT_KINDS = {
  [EVENT_TYPES.expected]: 'expected',
  [EVENT_TYPES.started]: 'started',
  [EVENT_TYPES.finished]: 'finished',
  [EVENT_TYPES.heartbeat]: 'heartbeat',
  [EVENT_TYPES.metrics]: 'metrics',
} as const;

/** What is said of a run, with the run's identity as far as it is given. */
type Saying = Pick<RunEvent, 'source' | 'id' | 'time' | 'testName'> & {
  readonly kind: (typeof EVENT_KINDS)[keyof typeof EVENT_KINDS];
  readonly data: TidemarkEvent['data'];
};

/** The row that records an event. */
export function eventRow({ kind, source, id, time, testName, data }: Saying): RunEvent {
  const thread = runThread({
    testName,
    cluster: data.cluster_name ?? '',
    namespace: data.job_namespace ?? '',
    runId: data.run_id,
  });
  const key = kind === 'heartbeat' ? heartbeatKey(thread, data.attempt ?? 1) : eventKey(source, id);
  const body = canonicalJson({ ...data, test_name: testName });
  return { eventKey: key, thread, kind, testName, source, id, time, publishTime: time, body };
}
