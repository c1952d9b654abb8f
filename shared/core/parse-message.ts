import { decisionKindOf, decisionOf, decisionRow } from './decision-record.ts';
import { digestOf } from './digest.ts';
import { EVENT_KINDS, eventRow } from './event-row.ts';
import { cdEventIn, fromCdEvent } from './foreign/cdevents.ts';
import type { ForeignResult } from './foreign/foreign-event.ts';
import { fromOpenLineage, isOpenLineage } from './foreign/openlineage.ts';
import { canonicalJson, isObject, isTooDeep, TOO_DEEP, wellFormedAs } from './json.ts';
import { type DecodeV2, recordedV2, runOfV2 } from './message-v2.ts';
import { check, type Problem, problemText } from './problem.ts';
import {
  eventKey,
  type Identity,
  jobThread,
  type RejectedMessage,
  type RunEvent,
  runThread,
} from './run-event.ts';
import { decisionData } from './schema/decision.ts';
import {
  DecisionEvent,
  FinishedData,
  MessageV1,
  MetricsData,
  StartedData,
  TidemarkEvent,
} from './schema/message.ts';
import { formatTime, fromUnixSeconds, parseTime } from './time.ts';

/** A message as a transport hands it over. */
export interface RawMessage {
  readonly id: string;
  readonly name: string;
  readonly publishTime: number;
  readonly format: 'json' | 'v2';
  readonly body: Uint8Array;
}

export type ParsedMessage =
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'rejected'; readonly rejected: RejectedMessage };

/** The source of everything that came without one. */
const V1_SOURCE = '//tidemark/v1';

const V1_TYPE_HINT =
  'neither a Tidemark event (specversion, type) nor a message of the v1 publisher (job_name, model_dir)';

/**
 * Turns a message into the row that records it, or says in one sentence why it cannot be used. Without `decodeV2`
 * no v2 message can be read; it is rejected, and read again when there is one.
 */
export function parseMessage(
  raw: RawMessage,
  { decodeV2 }: { decodeV2?: DecodeV2 | undefined } = {},
): ParsedMessage {
  if (raw.format === 'v2') return messageV2(raw, decodeV2);
  const text = decodeUtf8(raw.body);
  if (text === null) return reject(raw, 'json', 'is not UTF-8 text');
  if (text.trim() === '') return reject(raw, 'json', 'is empty');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return reject(raw, 'json', `is not JSON: ${(error as Error).message}`);
  }
  if (isTooDeep(value)) return reject(raw, 'shape', TOO_DEEP);
  value = wellFormedAs(text, value);
  if (!isObject(value)) return reject(raw, 'shape', `must be a JSON object; it is ${V1_TYPE_HINT}`);
  const cdEvent = cdEventIn(value);
  if (cdEvent !== null) return foreignMessage(raw, fromCdEvent(cdEvent));
  if (isOpenLineage(value)) return foreignMessage(raw, fromOpenLineage(value));
  if (decisionKindOf(value.type) !== null) return decisionMessage(raw, value);
  if ('specversion' in value || 'type' in value) return tidemarkEvent(raw, value);
  if ('job_name' in value || 'model_dir' in value) return messageV1(raw, value);
  return reject(raw, 'shape', `is ${V1_TYPE_HINT}`);
}

/** A rejection of a message, as it is kept. */
export function reject(raw: RawMessage, reason: string, detail: string): ParsedMessage {
  const { id, name, publishTime, body } = raw;
  return {
    kind: 'rejected',
    rejected: { id, name, publishTime, body, reason, detail: `Cannot read message "${name}": ${detail}` },
  };
}

function rejectShape(raw: RawMessage, problems: readonly Problem[]): ParsedMessage {
  return reject(raw, 'shape', problems.map(problemText).join('; '));
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function tidemarkEvent(raw: RawMessage, value: Record<string, unknown>): ParsedMessage {
  const checked = check(TidemarkEvent, value);
  if (!checked.ok) return rejectShape(raw, checked.problems);
  const { type, source, id, time, subject, data } = checked.value;
  const testName = data.test_name ?? subject;
  if (testName === undefined) return reject(raw, 'identity', 'names no test: data.test_name is missing');
  const happened = time === undefined ? raw.publishTime : parseTime(time)!;
  return {
    kind: 'event',
    event: eventRow({ kind: EVENT_KINDS[type], source, id, time: happened, testName, data }),
  };
}

/** An event in the format of another system is recorded as our own that says the same. */
function foreignMessage(raw: RawMessage, result: ForeignResult): ParsedMessage {
  if ('problem' in result) return reject(raw, result.reason, result.problem);
  const { kind, data, ...about } = result.event;
  const schema = { started: StartedData, finished: FinishedData, metrics: MetricsData }[kind];
  const checked = check(schema, data);
  if (!checked.ok) return rejectShape(raw, checked.problems);
  return {
    kind: 'event',
    event: eventRow({ ...about, kind, testName: data.test_name, data: checked.value }),
  };
}

/** A decision is known by what it says, so that none can be recorded under the id of another. */
function decisionMessage(raw: RawMessage, value: Record<string, unknown>): ParsedMessage {
  const checked = check(DecisionEvent, value);
  if (!checked.ok) return rejectShape(raw, checked.problems);
  const { type, id, subject, time, data } = checked.value;
  const kind = decisionKindOf(type)!;
  const read = data.schema === 1 ? check(decisionData(kind), data) : checked;
  if (!read.ok) return rejectShape(raw, read.problems);
  const at = time === undefined ? raw.publishTime : parseTime(time)!;
  const decision = decisionOf({ kind, subject, at, data });
  if (decision.id === id) return { kind: 'event', event: decisionRow(decision) };
  return reject(raw, 'identity', `its id is not the digest of what it says (${decision.id})`);
}

function messageV1(raw: RawMessage, value: Record<string, unknown>): ParsedMessage {
  const named = value.test_name === undefined && value.metric_config_error !== undefined;
  const input = named ? { ...value, test_name: withoutRunSuffix(String(value.job_name)) } : value;
  const checked = check(MessageV1, input);
  if (!checked.ok) return rejectShape(raw, checked.problems);
  const message = checked.value;
  const publishTime = v1Time(message.publish_time) ?? raw.publishTime;
  const identity: Identity = {
    testName: message.test_name,
    cluster: message.cluster_name ?? '',
    namespace: message.job_namespace ?? '',
    runId: message.job_uid || message.job_name,
  };
  return {
    kind: 'event',
    event: {
      eventKey: eventKey(V1_SOURCE, raw.id),
      thread: message.job_uid ? runThread(identity) : jobThread(identity),
      kind: 'v1',
      testName: message.test_name,
      source: V1_SOURCE,
      id: raw.id,
      time: publishTime,
      publishTime,
      body: canonicalJson(input),
    },
  };
}

/** The source of v2 messages; of each run the same, since they name no publisher. */
const V2_SOURCE = '//tidemark/v2';

/**
 * A publisher of v2 sends one event more than once, each time as a message of its own: what tells them apart is the
 * run and what is said of it.
 */
function messageV2(raw: RawMessage, decode: DecodeV2 | undefined): ParsedMessage {
  if (decode === undefined)
    return reject(raw, 'v2', 'is a v2 protobuf message, and nothing here reads those');
  const decoded = decode(raw.body);
  if (!decoded.ok) return reject(raw, 'v2', `is no v2 protobuf message: ${decoded.problem}`);
  const run = runOfV2(decoded.value);
  if (typeof run === 'string') return reject(raw, 'v2', run);
  const body = recordedV2(decoded.value);
  if (body === null) return reject(raw, 'v2', 'unfolds to more than a message may hold');
  const { testName, runId } = run;
  const id = `${runId}/${digestOf(body)}`;
  return {
    kind: 'event',
    event: {
      eventKey: eventKey(V2_SOURCE, id),
      thread: runThread({ testName, cluster: '', namespace: '', runId }),
      kind: 'v2',
      testName,
      source: V2_SOURCE,
      id,
      time: run.finishedAt ?? raw.publishTime,
      publishTime: raw.publishTime,
      body,
    },
  };
}

/** A CronJob names its Jobs `<test>-<number>`; all we have when METRIC_CONFIG could not be read. */
function withoutRunSuffix(jobName: string): string {
  return jobName.replace(/-\d+$/, '') || jobName;
}

/** Times in v1 messages are Unix seconds or ISO text. */
export function v1Time(value: string | number | undefined | null): number | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'number' ? fromUnixSeconds(value) : parseTime(value);
}

/** The row of something a tick learnt about a run; the same thing learnt again is the same row. */
export function learntEvent(fact: {
  kind: 'outcome' | 'collected' | 'config' | 'config-text' | 'sighted' | 'met' | 'claimed';
  thread: string;
  testName: string;
  /** What makes it this fact and no other, beside kind and thread. */
  id: string;
  time: number;
  body: unknown;
}): RunEvent {
  const { kind, thread, testName, id, time, body } = fact;
  const source = '//tidemark/tick';
  return {
    eventKey: digestOf('learnt', kind, thread, id),
    thread,
    kind,
    testName,
    source,
    id: `${kind}/${id || formatTime(time)}`,
    time,
    publishTime: time,
    body: JSON.stringify(body),
  };
}
