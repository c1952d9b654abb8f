import type { AlertItem } from '../../../shared/core/alert-item.ts';
import type { MailRequest } from '../../../shared/render/mail.ts';

const NIGHT = Date.UTC(2026, 7, 1, 2, 15);
const DAY = 86_400_000;

/** A fixed threshold that a metric fell below; every other fixture changes what it needs. */
export const FELL: AlertItem = {
  testName: 'tf-mnist-example-cpu',
  runId: 'tf-mnist-example-cpu-20260801',
  attempt: 1,
  outcome: 'success',
  finishedAt: NIGHT,
  signal: 'metric:epoch_sparse_categorical_accuracy_final',
  reason: 'below',
  value: 0.7900000214576721,
  valueKind: 'finite',
  lower: 0.96,
  upper: null,
  baselineN: 0,
  demand: 'greater than 0.96',
  streak: 1,
  lastGood: { runId: 'tf-mnist-example-cpu-20260731', finishedAt: NIGHT - DAY, value: 0.9812 },
  recent: [0.979, 0.981, 0.98, null, 0.982, 0.9795, 0.981, 0.9805, 0.9812, 0.79],
  logsLink: 'https://console.cloud.google.com/logs?project=ml-jobs&query=resource.type%3Dk8s_container',
  workloadLink: 'https://console.cloud.google.com/kubernetes/job/us-central1-b/xl-ml/automated/tf-mnist',
  modelDir: 'gs://ml-jobs-output/tf-mnist/mnist/cpu/2026-08-01',
};

const SLOW: AlertItem = {
  ...FELL,
  testName: 'resnet-imagenet-v3-8',
  runId: 'resnet-imagenet-v3-8-212',
  attempt: 2,
  signal: 'metric:total_wall_time',
  reason: 'above',
  value: 18_412.73,
  lower: null,
  upper: 15_207.4,
  baselineN: 28,
  demand: 'at most 5 sample standard deviations above the mean of the last 28 good runs',
  streak: 3,
  lastGood: { runId: 'resnet-imagenet-v3-8-209', finishedAt: NIGHT - 3 * DAY, value: 14_650.1 },
  recent: [14_600, 14_720, 14_655, 14_690, 14_610, 14_650.1, 18_377, 18_390, 18_412.73],
  logsLink: null,
  modelDir: 'gs://ml-jobs-output/resnet/212',
};

const OOM: AlertItem = {
  ...FELL,
  testName: 'bert-large-pretrain-v5e-8',
  runId: 'bert-large-pretrain-v5e-8-77',
  outcome: 'oom',
  signal: 'job',
  reason: 'outcome: container train exceeded 16 GiB',
  value: null,
  valueKind: null,
  lower: null,
  upper: null,
  demand: '',
  lastGood: { runId: 'bert-large-pretrain-v5e-8-76', finishedAt: NIGHT - DAY, value: null },
  recent: [],
  modelDir: null,
};

const MISSING: AlertItem = {
  ...FELL,
  testName: 'dlrm-criteo-gpu',
  runId: 'dlrm-criteo-gpu-5',
  signal: 'metric:epoch_loss_final',
  reason: 'missing: no readable event file under /runs/dlrm/5',
  value: null,
  valueKind: 'missing',
  lower: null,
  upper: null,
  demand: 'reported by every successful run',
  lastGood: null,
  recent: [0.41, 0.4, 0.39, null],
  logsLink: null,
  workloadLink: null,
  modelDir: '/runs/dlrm/5',
};

const NAN: AlertItem = {
  ...FELL,
  signal: 'metric:epoch_loss_final',
  reason: 'nonfinite',
  value: null,
  valueKind: 'nan',
  lower: null,
  upper: 0.1,
  demand: 'less than 0.1',
  lastGood: { runId: 'tf-mnist-example-cpu-20260731', finishedAt: NIGHT - DAY, value: 0.0431 },
  recent: [0.044, 0.043, 0.0431, null],
};

const HOSTILE_NAME = `<img src=x onerror="alert(1)">\r\nBcc: evil@example.com\u202e 'gnp.exe' 🧪\u0007`;

const HOSTILE: AlertItem = {
  ...FELL,
  testName: HOSTILE_NAME,
  runId: '"><script>alert(2)</script>',
  signal: 'metric:</td></table>$(touch /tmp/pwned) `id`\u001b[2J',
  demand: 'greater than <b>0.96</b>\n\nFrom: admin@example.com',
  lastGood: { runId: '--> ]]> &amp; \u2066', finishedAt: NIGHT - DAY, value: 0.99 },
  logsLink: 'javascript:alert(3)',
  workloadLink: 'https://console.cloud.google.com@evil.example/x',
  modelDir: '{{7*7}} <%= 7*7 %> %s %n',
};

/** So many tests, each a little worse than the one before; every tenth lost its job as well. */
function many(count: number): AlertItem[] {
  return Array.from({ length: count }, (_, index) => {
    const testName = `nightly-${String(index + 1).padStart(3, '0')}`;
    const fell: AlertItem = {
      ...FELL,
      testName,
      runId: `${testName}-run-9`,
      value: 0.95 - index / 1000,
      lastGood: { runId: `${testName}-run-8`, finishedAt: NIGHT - DAY, value: 0.97 },
    };
    return index % 10 === 9
      ? { ...fell, outcome: 'failure', signal: 'job', reason: 'outcome', value: null, valueKind: null }
      : fell;
  });
}

function request(items: readonly AlertItem[], more: Partial<MailRequest> = {}): MailRequest {
  return {
    items,
    to: ['ml-infra@example.com'],
    from: 'tidemark@example.com',
    key: '5f2b8c1d9e4a7f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0',
    date: Date.UTC(2026, 7, 1, 2, 30),
    ...more,
  };
}

/** Name of the golden files → what the mail is made of. */
export const FIXTURES: Readonly<Record<string, MailRequest>> = {
  'fixed-threshold': request([FELL]),
  'standard-deviations': request([SLOW], { command: 'tidemark --state /var/tidemark' }),
  'job-failure': request([OOM], { unowned: [OOM.testName] }),
  'missing-metric': request([MISSING]),
  'several-tests': request([FELL, MISSING, SLOW, NAN, OOM], { unowned: [MISSING.testName] }),
  'many-tests': request(many(123), { to: ['ml-infra@example.com', 'perf@example.com'] }),
  'hostile-names': request([HOSTILE], { configFile: 'conf/<x>.yaml' }),
};
