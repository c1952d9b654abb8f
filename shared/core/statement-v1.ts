import { v1Time } from './parse-message.ts';
import { unknownKey } from './problem.ts';
import type { RunEvent } from './run-event.ts';
import { MessageV1 } from './schema/message.ts';
import type { NamedJob, Statement } from './statement.ts';

const V1_KEYS = Object.keys(MessageV1.shape);
const V1_CONFIG_KEYS = ['metric_collection_config', 'regression_test_config', 'sources'];

/** What a message of the tutorial's publisher says of its run. */
export function fromV1(event: RunEvent): Statement {
  const data = JSON.parse(event.body) as MessageV1;
  const info = data.job_info ?? null;
  const config = Object.fromEntries(
    V1_CONFIG_KEYS.filter((key) => Object.hasOwn(data, key)).map((key) => [key, data[key]]),
  );
  const unknown = Object.keys(data).filter((key) => !V1_KEYS.includes(key));
  return {
    kind: info === null ? 'started' : 'finished',
    event,
    runId: data.job_uid || data.job_name,
    cluster: data.cluster_name ?? '',
    namespace: data.job_namespace ?? '',
    job: data.cluster_name ? jobOf(data) : null,
    attempt: 1,
    uuid: null,
    startedAt: event.publishTime,
    deadline: v1Time(data.deadline),
    expected: null,
    end:
      info === null
        ? null
        : {
            outcome: info.status,
            finishedAt: v1Time(info.stop_time) ?? event.time,
            time: event.time,
            source: event.source,
          },
    goneAt: null,
    refusal: null,
    message: null,
    final: true,
    isSeen: false,
    numFailures: info?.num_failures ?? null,
    modelDir: data.model_dir || null,
    testType: data.test_type ?? null,
    accelerator: data.accelerator ?? null,
    frameworkVersion: data.framework_version ?? null,
    labels: {},
    logsLink: data.logs_link || null,
    logsDownloadCommand: null,
    workloadLink: workloadLink(data),
    metrics: [],
    config: Object.keys(config).length === 0 ? undefined : config,
    configErrors: [
      ...unknown.map((key) => `${key}: ${unknownKey(key, V1_KEYS)}`),
      ...(data.metric_config_error === undefined ? [] : [data.metric_config_error]),
    ],
  };
}

/** The console page of a Kubernetes Job, as the tutorial's tables have it. */
function workloadLink(data: MessageV1): string | null {
  const location = data.zone || data.region;
  if (!location || !data.cluster_name || !data.job_namespace) return null;
  const path = [location, data.cluster_name, data.job_namespace, data.job_name].map(encodeUriPart).join('/');
  return `https://console.cloud.google.com/kubernetes/job/${path}`;
}

/** Percent-encodes all but unreserved characters of RFC 3986 §2.3. */
function encodeUriPart(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return Array.from(bytes, (byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w.~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

function jobOf(data: MessageV1): NamedJob {
  return { name: data.job_name, uid: data.job_uid || null, location: data.zone || data.region || null };
}
