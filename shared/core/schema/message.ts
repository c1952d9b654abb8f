import * as z from 'zod';
import { DECISION_TYPES } from '../decision-record.ts';
import { EVENT_TYPES } from '../event-envelope.ts';
import { JsonNumber, Labels, Name, OutcomeWord, Time, UnixOrTime } from './scalars.ts';

// Free text has no limit but that of the message: a stack trace must not cost a run its outcome.
const Text = z.string().nullable().optional();

/** How a v1 job ended, when the publisher knows; times in Unix seconds or ISO 8601. */
const JobInfo = z.object({
  status: OutcomeWord,
  stop_time: UnixOrTime,
  num_failures: z.int().min(0).nullable().optional(),
});

/**
 * The tutorial's publisher: its own keys with METRIC_CONFIG merged in. The two configs are checked on their
 * own, and unknown keys are reported as mistakes of the config, so that neither loses the run.
 */
export const MessageV1 = z.looseObject({
  model_dir: Text,
  logs_link: Text,
  job_name: Name,
  job_namespace: Text,
  zone: Text,
  region: Text,
  cluster_name: Text,
  test_name: Name,
  metric_collection_config: z.unknown().optional(),
  regression_test_config: z.unknown().optional(),
  sources: z.unknown().optional(),
  test_type: Text,
  accelerator: Text,
  framework_version: Text,
  job_uid: Text,
  job_info: JobInfo.nullable().optional(),
  publish_time: UnixOrTime.optional(),
  deadline: UnixOrTime.optional(),
  metric_config_error: z.string().optional(),
});
export type MessageV1 = z.infer<typeof MessageV1>;

const identity = {
  run_id: Name,
  attempt: z.int().min(1).max(1_000_000).optional(),
  test_name: Name.optional(),
  cluster_name: Text,
  job_namespace: Text,
};

const facts = {
  uuid: z.uuid().optional(),
  environment: Text,
  trigger: Text,
  host: Text,
  reporter: Text,
  model_dir: Text,
  labels: Labels.optional(),
  version: z.record(z.string(), z.unknown()).nullable().optional(),
  dataset: z.record(z.string(), z.unknown()).nullable().optional(),
  links: z.array(z.union([z.string(), z.looseObject({ url: z.string() })])).optional(),
  logs_link: Text,
  logs_download_command: Text,
  workload_link: Text,
  test_type: Text,
  accelerator: Text,
  framework_version: Text,
  config: z.unknown().optional(),
  config_ref: Text,
  metric_config_error: z.string().optional(),
};

const Metric = z.looseObject({ name: Name, value: JsonNumber.nullable() });

export const StartedData = z.strictObject({
  ...identity,
  ...facts,
  queued_at: Time.nullable().optional(),
  started_at: Time.nullable().optional(),
  deadline: Time.nullable().optional(),
});

export const FinishedData = z.strictObject({
  ...identity,
  ...facts,
  outcome: OutcomeWord,
  exit_code: z.int().nullable().optional(),
  signal: z.union([z.string(), z.int()]).nullable().optional(),
  reason: Text,
  message: Text,
  started_at: Time.nullable().optional(),
  finished_at: Time.nullable().optional(),
  duration_s: z.number().nullable().optional(),
  num_failures: z.int().min(0).nullable().optional(),
  final: z.boolean().optional().meta({ description: 'false: a retry will follow, the run stays open' }),
  metrics: z.array(Metric).optional(),
});

export const ExpectedData = z.strictObject({
  ...identity,
  start_by: Time,
  any_run: z
    .boolean()
    .optional()
    .meta({ description: 'true: any run of the test that begins before start_by will do' }),
  hint: Text.meta({ description: 'What to look at when it does not start' }),
  environment: Text,
  labels: Labels.optional(),
  links: facts.links,
});
export type ExpectedData = z.infer<typeof ExpectedData>;

const HeartbeatData = z.strictObject({ ...identity, host: Text });

export const MetricsData = z.strictObject({ ...identity, host: Text, metrics: z.array(Metric) });

export type StartedData = z.infer<typeof StartedData>;
export type FinishedData = z.infer<typeof FinishedData>;
export type MetricsData = z.infer<typeof MetricsData>;

/** The CloudEvents 1.0 envelope; extension attributes are any lower-case alphanumeric names. */
const envelope = {
  specversion: z.literal('1.0'),
  id: Name,
  source: Name,
  subject: Name.optional(),
  time: Time.optional().meta({ description: 'When it happened; without it, when it was published' }),
  datacontenttype: z.string().optional(),
  dataschema: z.string().optional(),
};

function event<Type extends string, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({ ...envelope, type: z.literal(type), data }).catchall(z.unknown());
}

export const TidemarkEvent = z.discriminatedUnion('type', [
  event(EVENT_TYPES.expected, ExpectedData),
  event(EVENT_TYPES.started, StartedData),
  event(EVENT_TYPES.finished, FinishedData),
  event(EVENT_TYPES.heartbeat, HeartbeatData),
  event(EVENT_TYPES.metrics, MetricsData),
]);
export type TidemarkEvent = z.infer<typeof TidemarkEvent>;

/** A decision to be kept; what is in it is the business of who made it. */
export const DecisionEvent = z
  .object({
    ...envelope,
    type: z.enum(DECISION_TYPES),
    subject: Name,
    data: z.looseObject({ schema: z.int().min(1) }),
  })
  .catchall(z.unknown());

/** One line of a backfill file; other keys become labels. */
export const BackfillLine = z.looseObject({
  test_name: Name,
  job_name: Name.optional(),
  run_id: Name.optional(),
  uuid: z.uuid().optional(),
  model_dir: Text,
  test_type: z.string().nullable().optional(),
  accelerator: z.string().nullable().optional(),
  framework_version: z.string().nullable().optional(),
  started_at: Time.nullable().optional(),
  finished_at: Time,
  outcome: OutcomeWord,
  labels: Labels.optional(),
});
export type BackfillLine = z.infer<typeof BackfillLine>;
