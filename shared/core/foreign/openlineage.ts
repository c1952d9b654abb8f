import * as z from 'zod';
import { isObject } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import { check, problemText } from '../problem.ts';
import { Name, Time } from '../schema/scalars.ts';
import { formatTime, parseTime } from '../time.ts';
import { type ForeignEvent, type ForeignResult, messageOf } from './foreign-event.ts';

/** The part of an OpenLineage run event that is listened to (spec 1-0-0 to 2-0-2 agree on it). */
const RunEvent = z.looseObject({
  eventType: z.enum(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']),
  eventTime: Time,
  producer: Name,
  run: z.looseObject({ runId: Name, facets: z.record(z.string(), z.unknown()).nullable().optional() }),
  job: z.looseObject({ namespace: Name, name: Name }),
  outputs: z
    .array(z.looseObject({ namespace: z.string(), name: z.string() }))
    .nullable()
    .optional(),
});
type RunEvent = z.infer<typeof RunEvent>;

const OUTCOME_OF: Readonly<Partial<Record<RunEvent['eventType'], Outcome>>> = {
  COMPLETE: 'success',
  FAIL: 'failure',
  ABORT: 'cancelled',
};

/** Whether it looks like an event of OpenLineage; what it says may still be wrong. */
export function isOpenLineage(value: Readonly<Record<string, unknown>>): boolean {
  return isObject(value.run) && isObject(value.job) && 'eventTime' in value;
}

/**
 * A run event of OpenLineage: its job is the test, the job's namespace that of the run. Airflow's provider sends one
 * run a try, so that each is a run of its own here.
 */
export function fromOpenLineage(value: Readonly<Record<string, unknown>>): ForeignResult {
  const checked = check(RunEvent, value);
  if (!checked.ok) return { reason: 'shape', problem: checked.problems.map(problemText).join('; ') };
  const { eventType, eventTime, producer, run } = checked.value;
  const time = parseTime(eventTime)!;
  return {
    event: {
      ...sayingOf(checked.value, time),
      source: producer,
      id: `${run.runId}/${eventType}/${formatTime(time)}`,
      time,
    },
  };
}

function sayingOf(event: RunEvent, time: number): Pick<ForeignEvent, 'kind' | 'data'> {
  const { eventType, run, job } = event;
  const identity = { run_id: run.runId, test_name: job.name, job_namespace: job.namespace };
  const facts = { ...identity, model_dir: folderOf(event), labels: labelsOf(run.facets) };
  const outcome = OUTCOME_OF[eventType];
  if (outcome !== undefined) {
    const message = messageOf(facet(run.facets, 'errorMessage').message);
    return { kind: 'finished', data: { ...facts, outcome, message, finished_at: formatTime(time) } };
  }
  if (eventType === 'START') return { kind: 'started', data: { ...facts, started_at: formatTime(time) } };
  return { kind: 'metrics', data: { ...identity, metrics: [] } };
}

function facet(facets: RunEvent['run']['facets'], name: string): Readonly<Record<string, unknown>> {
  const one = facets?.[name];
  return isObject(one) ? one : {};
}

/** Of the tags facet; a tag without a value is there. */
function labelsOf(facets: RunEvent['run']['facets']): Record<string, string> {
  const { tags } = facet(facets, 'tags');
  const known = (Array.isArray(tags) ? tags : [])
    .filter(isObject)
    .filter(({ key }) => typeof key === 'string');
  return Object.fromEntries(known.map(({ key, value }) => [String(key), String(value ?? 'true')]));
}

/** Where its only output lies, if that is a place where files are read: datasets are named by bucket and key. */
function folderOf({ outputs }: RunEvent): string | null {
  const places = (outputs ?? []).flatMap(({ namespace, name }) => {
    if (/^(gs|s3):\/\/[^/]+$/.test(namespace)) return [`${namespace}/${name.replace(/^\/+/, '')}`];
    return namespace === 'file' && name.startsWith('/') ? [name] : [];
  });
  return places.length === 1 ? places[0]! : null;
}
