import * as z from 'zod';
import { isObject } from '../json.ts';
import type { Outcome } from '../outcome.ts';
import { check, problemText } from '../problem.ts';
import { Name, Time } from '../schema/scalars.ts';
import { formatTime, parseTime } from '../time.ts';
import { type ForeignEvent, type ForeignResult, messageOf } from './foreign-event.ts';

/** Versions stand behind the type and move; a type is told by how it begins. */
const TYPE = /^dev\.cdevents\.([a-z]+)\.([a-z]+)\./;

const SUBJECTS = ['taskrun', 'pipelinerun', 'testsuiterun', 'testcaserun'];

/** The part of a CDEvent that is listened to (spec 0.3 to 0.5 agree on it; 0.1 and 0.2 mostly). */
const CdEvent = z.looseObject({
  context: z.looseObject({ id: Name, source: Name, type: z.string(), timestamp: Time }),
  subject: z.looseObject({ id: Name, content: z.record(z.string(), z.unknown()) }),
});
type CdEvent = z.infer<typeof CdEvent>;

const OUTCOMES = new Map<unknown, Outcome>(
  Object.entries({
    success: 'success',
    pass: 'success',
    failure: 'failure',
    fail: 'failure',
    error: 'failure',
    cancel: 'cancelled',
    canceled: 'cancelled',
    cancelled: 'cancelled',
  } as const),
);

/** The event itself, or the one that an envelope of CloudEvents holds; null when it is no CDEvent. */
export function cdEventIn(
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | null {
  return [value, value.data].filter(isObject).find(isCdEvent) ?? null;
}

function isCdEvent({ context }: Readonly<Record<string, unknown>>): boolean {
  return isObject(context) && typeof context.type === 'string' && context.type.startsWith('dev.cdevents.');
}

/** An event of CDEvents about the run of a task, a pipeline, a test suite or a test case, by whose name the test goes. */
export function fromCdEvent(value: Readonly<Record<string, unknown>>): ForeignResult {
  const checked = check(CdEvent, value);
  if (!checked.ok) return { reason: 'shape', problem: checked.problems.map(problemText).join('; ') };
  const { context, subject } = checked.value;
  const [, about = '', what = ''] = TYPE.exec(context.type) ?? [];
  if (!SUBJECTS.includes(about)) {
    return { reason: 'shape', problem: `context.type: ${context.type} tells of no run of a task or test` };
  }
  const testName = nameOf(subject.content);
  if (testName === null) {
    return { reason: 'identity', problem: 'subject.content: names no task, pipeline, testSuite or testCase' };
  }
  const time = parseTime(context.timestamp)!;
  const said = sayingOf(subject, { what, testName, time });
  if (typeof said === 'string') return { reason: 'shape', problem: said };
  return { event: { ...said, source: context.source, id: context.id, time } };
}

function nameOf({ taskName, pipelineName, testSuite, testCase }: CdEvent['subject']['content']) {
  const [suite, one] = [testSuite, testCase].map((part) => (isObject(part) ? (part.name ?? part.id) : null));
  const name = [taskName, pipelineName, one, suite].find((text) => typeof text === 'string' && text !== '');
  return name === undefined ? null : (name as string);
}

function sayingOf(
  { id, content }: CdEvent['subject'],
  { what, testName, time }: { readonly what: string; readonly testName: string; readonly time: number },
): Pick<ForeignEvent, 'kind' | 'data'> | string {
  const identity = { run_id: id, test_name: testName };
  const { environment, url } = content;
  const facts = {
    ...identity,
    environment: isObject(environment) && typeof environment.id === 'string' ? environment.id : null,
    links: typeof url === 'string' && /^https?:\/\//.test(url) ? [url] : [],
  };
  if (what === 'started') return { kind: 'started', data: { ...facts, started_at: formatTime(time) } };
  if (what !== 'finished' && what !== 'skipped')
    return { kind: 'metrics', data: { ...identity, metrics: [] } };
  const outcome = what === 'skipped' ? 'cancelled' : OUTCOMES.get(content.outcome);
  if (outcome === undefined) {
    const known = [...OUTCOMES.keys()].join(', ');
    return `subject.content.outcome: is ${JSON.stringify(content.outcome) ?? 'missing'}; wanted one of ${known}`;
  }
  const message = messageOf(content.errors) ?? messageOf(content.reason);
  return { kind: 'finished', data: { ...facts, outcome, message, finished_at: formatTime(time) } };
}
