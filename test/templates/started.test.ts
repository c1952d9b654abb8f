import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectiveConfig } from '../../shared/core/effective-config.ts';
import { judge } from '../../shared/core/judge.ts';
import { metricOf } from '../../shared/core/metric.ts';
import { check } from '../../shared/core/problem.ts';
import { MetricConfig } from '../../shared/core/schema/test-config.ts';
import { literal } from '../../shared/core/templates/expansion.ts';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { type Container, expand, started } from './container-environment.ts';
import { CASES, HOSTILE, SMALL } from './definitions.ts';

const SURROUNDINGS = {
  configMaps: {
    'gcs-buckets': { OUTPUT_BUCKET: 'gs://bucket/output', MNIST_DIR: 'gs://bucket/mnist', HOME: 'WRONG' },
  },
  fields: {
    'metadata.name': 'tf-mnist-example-cpu-28812-x7x2p',
    'metadata.uid': 'pod-uid',
    'metadata.namespace': 'automated',
    "metadata.labels['batch.kubernetes.io/job-name']": 'tf-mnist-example-cpu-28812',
    "metadata.labels['batch.kubernetes.io/controller-uid']": 'job-uid',
  },
};

interface Job {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: Container[]; readonly initContainers?: Container[] };
    };
  };
}

/** The two containers of a test as a kubelet would start them. */
function startedPod(definition: unknown) {
  const made = renderTemplate(definition, 'oneshotJob');
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  const pod = (made.value as unknown as Job).spec.template.spec;
  const [train, publisher] = [pod.containers[0], pod.initContainers?.[0]];
  if (train === undefined || publisher === undefined) throw new Error('a container is missing');
  return { train: started(train, SURROUNDINGS), publisher: started(publisher, SURROUNDINGS) };
}

const published = { ...SMALL, publisherImage: 'p' };

describe('the test of the tutorial, as its Pod starts', () => {
  const { train, publisher } = startedPod(CASES[0]?.definition);

  test('writes to the place that is announced', () => {
    const place = 'gs://bucket/output/mnist/tf-mnist-example-cpu-28812';
    expect(train.words).toContain(`--model_dir=${place}`);
    expect(publisher.variables.get('MODEL_DIR')).toBe(place);
  });

  test('tells the publisher which Job and Pod it is', () => {
    expect(Object.fromEntries(publisher.variables)).toMatchObject({
      JOB_NAME: 'tf-mnist-example-cpu-28812',
      JOB_UID: 'job-uid',
      POD_UID: 'pod-uid',
      POD_NAMESPACE: 'automated',
    });
  });

  test('brings a config that our schema takes, with the rule of the test and the default rule', () => {
    const given = JSON.parse(publisher.variables.get('METRIC_CONFIG') ?? '');
    expect(check(MetricConfig, given)).toMatchObject({ ok: true });
    expect(given).toMatchObject({
      test_name: 'tf-mnist-example-cpu',
      accelerator: 'cpu',
      test_type: 'example',
    });
    const config = effectiveConfig({ messageConfig: given, configErrors: [], fileConfig: null });
    expect([...config.conditions.keys()].sort()).toEqual([
      'epoch_sparse_categorical_accuracy_final',
      'total_wall_time',
    ]);
    const name = 'epoch_sparse_categorical_accuracy_final';
    const condition = config.conditions.get(name)!;
    const verdict = (value: number) =>
      judge({ metric: metricOf(name, value), condition, outcome: 'success', earlier: [] });
    expect(verdict(0.79)).toMatchObject({ verdict: 'fail', lower: 0.96, upper: null });
    expect(verdict(0.983)).toMatchObject({ verdict: 'pass' });
  });
});

test.each([
  ['one argument', ['t', '--model_dir=gs://b/x'], 'gs://b/x'],
  ['two arguments', ['t', '--model-dir', 'gs://b/$(JOB_NAME)'], 'gs://b/tf-mnist-example-cpu-28812'],
  ['the last of several', ['--model_dir=a', '--model_dir=b'], 'b'],
  ['none, so the usual place', ['t'], 'gs://bucket/output/tf/mnist/func/cpu/tf-mnist-example-cpu-28812'],
  [
    'the usual place by its name',
    ['--model_dir=$(MODEL_DIR)'],
    'gs://bucket/output/tf/mnist/func/cpu/tf-mnist-example-cpu-28812',
  ],
  [
    'an empty one, so the usual place',
    ['--model_dir='],
    'gs://bucket/output/tf/mnist/func/cpu/tf-mnist-example-cpu-28812',
  ],
  ['nothing behind it', ['--model_dir'], 'gs://bucket/output/tf/mnist/func/cpu/tf-mnist-example-cpu-28812'],
  ['a $ that Kubernetes leaves', ['--model_dir=$$(JOB_NAME)'], '$(JOB_NAME)'],
  [
    'another flag that begins like it',
    ['--model_dirs=x'],
    'gs://bucket/output/tf/mnist/func/cpu/tf-mnist-example-cpu-28812',
  ],
])('the folder of the command is announced: %s', (_, command, place) => {
  const { publisher } = startedPod({ ...published, command });
  expect(publisher.variables.get('MODEL_DIR')).toBe(place);
});

test('a folder may use a variable of the test, and a variable may use the folder', () => {
  const using = startedPod({ ...published, modelDir: '$(WHERE)/$(JOB_NAME)', env: { WHERE: 'gs://b' } });
  expect(using.publisher.variables.get('MODEL_DIR')).toBe('gs://b/tf-mnist-example-cpu-28812');
  const used = startedPod({ ...published, modelDir: 'gs://b', env: { EVAL: '$(MODEL_DIR)/eval' } });
  expect(used.train.variables.get('EVAL')).toBe('gs://b/eval');
});

test('rules merge by name, and a null takes the default rule away', () => {
  const conditionsOf = (regressionTestConfig: unknown) => {
    const { publisher } = startedPod({ ...published, regressionTestConfig });
    return JSON.parse(publisher.variables.get('METRIC_CONFIG') ?? '').regression_test_config;
  };
  const own = { comparison: 'less', success_threshold: { fixed_value: 900 } };
  expect(Object.keys(conditionsOf(undefined).metric_success_conditions)).toEqual(['total_wall_time']);
  expect(conditionsOf({ metric_success_conditions: { total_wall_time: own } })).toEqual({
    metric_success_conditions: { total_wall_time: own },
  });
  expect(conditionsOf({ metric_success_conditions: { total_wall_time: null } })).toEqual({
    metric_success_conditions: { total_wall_time: null },
  });
  expect(conditionsOf(null)).toBe(null);
});

describe('a text that must arrive as it is', () => {
  test('does, whatever is in it', () => {
    const { publisher } = startedPod({
      ...published,
      cluster: HOSTILE,
      queue: '$(HOME)$',
      regressionTestConfig: { required_metrics: [HOSTILE, '$(HOME)', '$$(HOME)', '$'] },
    });
    expect(publisher.variables.get('CLUSTER')).toBe(HOSTILE);
    expect(publisher.variables.get('TIDEMARK_QUEUE')).toBe('$(HOME)$');
    const config = JSON.parse(publisher.variables.get('METRIC_CONFIG') ?? '');
    expect(config.regression_test_config.required_metrics).toEqual([HOSTILE, '$(HOME)', '$$(HOME)', '$']);
  });

  test('survives what Kubernetes does to it', () => {
    const texts = fc.string({ unit: fc.constantFrom('$', '(', ')', 'A', 'é') });
    fc.assert(
      fc.property(
        texts,
        (text) =>
          expand(
            literal(text),
            new Map([
              ['A', 'WRONG'],
              ['', 'WRONG'],
            ]),
          ) === text,
      ),
      { numRuns: 2000 },
    );
  });

  test('would not have survived as it was, or with only $( escaped', () => {
    const variables = new Map([['A', 'WRONG']]);
    expect(expand('$(A)', variables)).toBe('WRONG');
    expect(expand('$$(A)'.replaceAll('$(', '$$$$('), variables)).toBe('$WRONG');
  });
});
