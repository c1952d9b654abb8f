import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { TemplateKind } from '../../shared/core/templates/definition.ts';
import { ROOT } from '../support/repository.ts';

/** A definition that can be rendered, and as what. */
export interface Case {
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
  readonly kinds: readonly TemplateKind[];
}

const ONE_MACHINE = ['oneshotJob', 'cronJob', 'workflow', 'jobSet'] as const;

/** A file of `examples/templates`, as data. */
export const example = (name: string): Record<string, unknown> =>
  parse(readFileSync(join(ROOT, 'examples/templates', name), 'utf8'));

/** The smallest definition there is, with a schedule. */
export const SMALL = {
  frameworkPrefix: 'tf',
  modelName: 'mnist',
  mode: 'func',
  accelerator: 'cpu',
  image: 'gcr.io/p/train',
  command: ['train'],
  timeout: 60,
  schedule: '@daily',
};

/** Texts that break what was pasted together, is expanded twice, or is cut by bytes. */
export const HOSTILE = `"double" 'single' \`back\` \\ $(HOME) $$(HOME) $$ $ \${x} {{x: %s}}\n\ttab\r\n\u007f\u0085\u2028 😀 ﬃ \u{10ffff} #: - &a *a !!binary |`;

const published = { ...SMALL, publisherImage: 'gcr.io/p/publisher:1' };
const noBraces = HOSTILE.replaceAll('{', '<');

/** Every example, then what is at the edge of what is allowed. */
export const CASES: readonly Case[] = [
  { name: 'the tutorial', definition: example('mnist-cpu.yaml'), kinds: ONE_MACHINE },
  { name: 'GPUs on spot machines', definition: example('resnet-l4.yaml'), kinds: ONE_MACHINE },
  { name: 'a slice of many machines', definition: example('gemma-v6e.yaml'), kinds: ['jobSet'] },
  { name: 'as little as possible', definition: SMALL, kinds: ONE_MACHINE },
  {
    name: 'hostile texts everywhere',
    definition: {
      ...published,
      command: ['sh', '-c', HOSTILE, ''],
      entrypoint: [HOSTILE],
      env: { SECOND: HOSTILE, FIRST: '$(MODEL_DIR)/x', 'a.b-c': '' },
      cluster: HOSTILE,
      region: '$(HOME)',
      queue: 'pubsub://p/t?subscription=$(S)',
      regressionTestConfig: {
        metric_success_conditions: {
          [HOSTILE]: { comparison: 'less', success_threshold: { fixed_value: 1 } },
          '\u{1f600}': null,
          '\uffee': null,
          total_wall_time: null,
        },
        required_metrics: [HOSTILE, 'yes', '1_000', '12:30:45', '~', '0x1F'],
      },
    },
    kinds: ['oneshotJob', 'cronJob', 'jobSet'],
  },
  {
    name: 'hostile texts that Argo can bear',
    definition: { ...published, command: [noBraces], labels: { 'example.com/yes': 'on', no: '1' } },
    kinds: ['workflow'],
  },
  {
    name: 'numbers of every size',
    definition: {
      ...published,
      regressionTestConfig: {
        metric_success_conditions: Object.fromEntries(
          [
            0,
            -0,
            1,
            -1,
            0.1,
            0.96,
            -0.96,
            0.1 + 0.2,
            1 / 3,
            1e-3,
            1e-7,
            5e-324,
            123456.789,
            1e15,
            9e15,
            1e21,
            1.5e300,
            2 ** 53,
            2 ** 53 + 2,
            1.7976931348623157e308,
            0.000123456789012345,
            4.35,
            1e-15,
            1e-16,
          ].map((value, index) => [
            `m${index}`,
            { comparison: 'less', success_threshold: { fixed_value: value } },
          ]),
        ),
      },
    },
    kinds: ['cronJob'],
  },
  {
    name: 'no rules and nothing collected',
    definition: { ...published, regressionTestConfig: null, metricCollectionConfig: null },
    kinds: ['cronJob'],
  },
  {
    name: 'conditions that are null',
    definition: { ...published, regressionTestConfig: { metric_success_conditions: null } },
    kinds: ['cronJob'],
  },
  {
    name: 'a name of 52 letters',
    definition: { ...published, testName: 'a'.repeat(52), timeZone: 'Asia/Kathmandu' },
    kinds: ['cronJob'],
  },
  {
    name: 'a name of 63 letters',
    definition: { ...published, testName: 'a'.repeat(63) },
    kinds: ['oneshotJob', 'workflow'],
  },
  {
    name: 'an accelerator of its own',
    definition: {
      ...published,
      accelerator: {
        name: 'trn2-x1',
        type: 'neuron',
        nodeSelector: { 'node.kubernetes.io/instance-type': 'trn2' },
        limits: { 'aws.amazon.com/neuron': '1' },
      },
    },
    kinds: ONE_MACHINE,
  },
  {
    name: 'a folder in two words',
    definition: { ...published, command: ['t', '--model-dir', 'gs://b/$(JOB_NAME)'] },
    kinds: ['cronJob'],
  },
  {
    name: 'a folder named by the template',
    definition: { ...published, command: ['t', '--model_dir=$(MODEL_DIR)'] },
    kinds: ['cronJob'],
  },
  {
    name: 'the last of two folders',
    definition: { ...published, command: ['--model_dir=a', '--model_dir=$$(JOB_NAME)'] },
    kinds: ['cronJob'],
  },
  {
    name: 'a folder in a variable',
    definition: { ...published, modelDir: '$(WHERE)/$(JOB_NAME)', env: { WHERE: 'gs://b', A: '1' } },
    kinds: ['cronJob'],
  },
  {
    name: 'no tag',
    definition: {
      ...published,
      image: 'x/y:z',
      imageTag: null,
      retries: 0,
      concurrencyPolicy: 'Replace',
      ttlSecondsAfterFinished: 86400,
      startingDeadlineSeconds: 10,
    },
    kinds: ONE_MACHINE,
  },
  {
    name: 'the tutorial, its command wrapped',
    definition: { ...example('mnist-cpu.yaml'), wrap: true },
    kinds: ONE_MACHINE,
  },
  {
    name: 'a wrapped command with all that goes with it',
    definition: {
      ...published,
      wrap: true,
      testName: 'a'.repeat(41),
      entrypoint: ['sh', '-c', HOSTILE.replaceAll('{', '<')],
      retries: 3,
      cluster: '$(HOME)',
      zone: 'z',
      queue: 'pubsub://p/t',
      env: { FIRST: '$(MODEL_DIR)' },
      volumes: { data: { mountPath: '/tidemark-data', source: { emptyDir: {} } } },
    },
    kinds: ONE_MACHINE,
  },
  {
    name: 'a wrapped command that may take longer than the wrapper can count',
    definition: { ...published, wrap: true, testName: 'a'.repeat(55), timeout: 2_147_483_647 },
    kinds: ['oneshotJob', 'workflow'],
  },
  {
    name: 'a wrapped command on many machines',
    definition: { ...example('gemma-v6e.yaml'), wrap: true },
    kinds: ['jobSet'],
  },
  {
    name: 'not wrapped, and variables and a volume that only a wrapped one has',
    definition: {
      ...published,
      wrap: false,
      env: { JOB_RESTARTS: '1', TIDEMARK_STATE: '/x' },
      volumes: { tidemark: { mountPath: '/tidemark', source: { emptyDir: {} } } },
    },
    kinds: ['cronJob'],
  },
];

/** Definitions with mistakes and every mistake of each. `library`: the jsonnet library finds only these. */
export const BROKEN: readonly {
  readonly name: string;
  readonly definition: unknown;
  readonly kind?: TemplateKind;
  readonly mistakes: readonly string[];
  readonly library?: readonly string[];
}[] = [
  {
    name: 'a name of 53 characters in a CronJob',
    definition: { ...SMALL, testName: 'a'.repeat(53) },
    mistakes: [
      `testName: has 53 characters; a CronJob takes at most 52: current value is "${'a'.repeat(53)}"`,
    ],
  },
  {
    name: 'a name of 64 characters, made of its parts',
    definition: { ...SMALL, modelName: 'm'.repeat(52) },
    kind: 'oneshotJob',
    mistakes: [
      `testName: has 64 characters; a Job takes at most 63: current value is "tf-${'m'.repeat(52)}-func-cpu"`,
    ],
  },
  {
    name: 'a name that leaves a JobSet no room',
    definition: { ...SMALL, testName: 'a'.repeat(42) },
    kind: 'jobSet',
    mistakes: [
      `testName: has 42 characters; a JobSet takes at most 41: current value is "${'a'.repeat(42)}"`,
    ],
  },
  {
    name: 'a JobSet whose name is no host name',
    definition: { ...SMALL, frameworkPrefix: 'pt-1.4' },
    kind: 'jobSet',
    mistakes: [
      'testName: must begin with a letter and have no "." where it names a JobSet: current value is "pt-1.4-mnist-func-cpu"',
    ],
  },
  {
    name: 'misspelt fields',
    definition: {
      ...SMALL,
      modelName: undefined,
      modelname: 'x',
      schedule: undefined,
      shedule: '@daily',
      xyzzy: 1,
    },
    mistakes: [
      'modelname: unknown key; did you mean "modelName"?',
      'shedule: unknown key; did you mean "schedule"?',
      'xyzzy: unknown key',
    ],
  },
  {
    name: 'nothing',
    definition: {},
    mistakes: [
      ...['frameworkPrefix', 'modelName', 'mode', 'accelerator', 'image'].map(
        (key) => `${key}: is missing; wanted string`,
      ),
      'command: is missing; wanted array',
      'timeout: is missing; wanted number',
      'schedule: is missing; a CronJob wants five fields of cron, such as "0 2 * * *"',
    ],
  },
  {
    name: 'fields of another kind',
    definition: {
      ...SMALL,
      image: 5,
      command: ['a', 7],
      timeout: '60',
      env: { A: 1 },
      labels: [],
      spot: 'yes',
      imageTag: 3,
      volumes: { v: 1 },
      publisherImage: false,
      metricCollectionConfig: 'x',
    },
    mistakes: [
      'image: must be string: current value is 5',
      'command.1: must be string: current value is 7',
      'timeout: must be number: current value is "60"',
      'env.A: must be string: current value is 1',
      'labels: must be record: current value is []',
      'spot: must be boolean: current value is "yes"',
      'imageTag: must be string: current value is 3',
      'volumes.v: must be object: current value is 1',
      'publisherImage: must be string: current value is false',
      'metricCollectionConfig: must be record: current value is "x"',
    ],
  },
  {
    name: 'numbers out of range',
    definition: {
      ...SMALL,
      timeout: 0,
      retries: 1.5,
      ttlSecondsAfterFinished: 3600,
      startingDeadlineSeconds: 5,
    },
    mistakes: [
      'timeout: must be a whole number from 1 to 2147483647: current value is 0',
      'retries: must be a whole number from 0 to 2147483647: current value is 1.5',
      'ttlSecondsAfterFinished: must be a whole number from 86400 to 2147483647: current value is 3600',
      'startingDeadlineSeconds: must be a whole number from 10 to 2147483647: current value is 5',
    ],
  },
  {
    name: 'labels, variables and names that Kubernetes refuses',
    definition: {
      ...SMALL,
      frameworkPrefix: 'tf 2',
      mode: '',
      labels: { 'a/b/c': 'x', ok: '-x', 'Domain/x': 'y', benchmarkId: 'another' },
      env: { '1A': '', JOB_NAME: 'x', '': 'x' },
      kueueQueue: 'no such',
      volumes: { A: { mountPath: 'data', source: {}, readonly: true } },
    },
    mistakes: [
      'frameworkPrefix: must be a label value: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends: current value is "tf 2"',
      'mode: must be a label value: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends: current value is ""',
      'labels.a/b/c: is no label key: a name of at most 63 characters, in front of it a domain and "/" if needed',
      'labels.Domain/x: is no label key: a name of at most 63 characters, in front of it a domain and "/" if needed',
      'labels.ok: must be a label value: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends: current value is "-x"',
      'labels.benchmarkId: is set by the template',
      'env.1A: is no name of a variable: letters, digits, "_", "." and "-", no digit first',
      'env.: is no name of a variable: letters, digits, "_", "." and "-", no digit first',
      'env.JOB_NAME: is set by the template',
      'kueueQueue: must be a label value: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends: current value is "no such"',
      'volumes.A: must be at most 63 lower-case letters, digits and "-", a letter or digit at both ends',
      'volumes.A.readonly: unknown key; did you mean "readOnly"?',
      'volumes.A.mountPath: must begin with "/": current value is "data"',
    ],
  },
  {
    name: 'a name with capitals',
    definition: { ...SMALL, frameworkPrefix: 'TF' },
    mistakes: [
      'testName: must be lower-case letters, digits, "-" and "." with a letter or digit at both ends: current value is "TF-mnist-func-cpu"',
    ],
  },
  {
    name: 'a schedule of four fields with a zone in it, and other times',
    definition: {
      ...SMALL,
      schedule: 'TZ=UTC 0 * * *',
      timeZone: 'Local',
      concurrencyPolicy: 'forbid',
      zone: 'a',
      region: 'b',
    },
    mistakes: [
      'schedule: must be five fields of cron, or @hourly, @daily, @weekly, @monthly or @yearly; a zone is timeZone\'s: current value is "TZ=UTC 0 * * *"',
      'timeZone: must be a name of the time zone database, such as "Europe/Zurich": current value is "Local"',
      'concurrencyPolicy: must be one of Allow, Forbid, Replace: current value is "forbid"',
      'zone: does not go with region: a cluster has one or the other',
    ],
  },
  {
    name: 'an accelerator that is not there',
    definition: { ...SMALL, accelerator: 'v6e-2x5' },
    mistakes: ['accelerator: is no known accelerator: current value is "v6e-2x5"; did you mean "v6e-2x2"?'],
  },
  {
    name: 'an accelerator of another kind',
    definition: { ...SMALL, accelerator: 8 },
    mistakes: ['accelerator: must be string, or object: current value is 8'],
  },
  {
    name: 'an accelerator whose settings are wrong',
    definition: { ...SMALL, accelerator: { name: 'x', typ: 'gpu', hosts: '2', limits: { a: 1 } } },
    mistakes: [
      'accelerator.typ: unknown key; did you mean "type"?',
      'accelerator.hosts: must be number: current value is "2"',
      'accelerator.limits.a: must be string: current value is 1',
    ],
  },
  {
    name: 'an accelerator with a strange name on half a machine',
    definition: { ...SMALL, testName: 'x', accelerator: { name: 'a b', type: 'gpu', hosts: 0.5 } },
    mistakes: [
      'accelerator.name: must be a label value: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends: current value is "a b"',
      'accelerator.hosts: must be a whole number from 1 to 100000: current value is 0.5',
    ],
  },
  {
    name: 'many machines in a CronJob',
    definition: { ...SMALL, accelerator: 'v5p-2x2x2' },
    mistakes: ['accelerator: "v5p-2x2x2" is shared by 2 machines, which only a jobSet starts together'],
  },
  {
    name: 'an image with digest and tag, and no arguments',
    definition: { ...SMALL, image: 'a@sha256:b', imageTag: 'c', command: [] },
    mistakes: [
      'imageTag: does not go with an image that is named by its digest',
      'command: must have at least one argument',
    ],
  },
  {
    name: 'a folder and a variable that use each other',
    definition: { ...SMALL, modelDir: '$(A)/x', env: { A: 'gs://b', B: '$(MODEL_DIR)' } },
    mistakes: ['modelDir: uses $(A) of env, and env uses $(MODEL_DIR): neither can come first'],
  },
  {
    name: 'rules that every tick would refuse',
    definition: {
      ...SMALL,
      metricCollectionConfig: { default_aggregation_strategy: ['final'] },
      regressionTestConfig: {
        metric_success_conditions: {
          a: { comparision: 'less', success_threshold: { fixed_valeu: 1 } },
          b: { comparison: 'lesser', success_threshold: { fixed_value: 1 } },
        },
      },
    },
    mistakes: [
      'metricCollectionConfig.default_aggregation_strategy: unknown key; did you mean "default_aggregation_strategies"?',
      'regressionTestConfig.metric_success_conditions.a.comparision: unknown key; did you mean "comparison"?',
      'regressionTestConfig.metric_success_conditions.a.success_threshold.fixed_valeu: unknown key; did you mean "fixed_value"?',
      'regressionTestConfig.metric_success_conditions.a.success_threshold: needs exactly one of fixed_value, within_bounds, stddevs_from_mean, percent_from_mean, percent_from_median, mads_from_median, prediction_interval, auto',
      'regressionTestConfig.metric_success_conditions.b.comparison: must be one of greater, less, greater_or_equal, less_or_equal, equal, within: current value is "lesser"; did you mean "less"?',
    ],
    library: [
      'metricCollectionConfig.default_aggregation_strategy: unknown key; did you mean "default_aggregation_strategies"?',
      'regressionTestConfig.metric_success_conditions.a.comparision: unknown key; did you mean "comparison"?',
      'regressionTestConfig.metric_success_conditions.a.success_threshold.fixed_valeu: unknown key; did you mean "fixed_value"?',
    ],
  },
  {
    name: 'a wrapped command without what brings the wrapper, and with all that is in its way',
    definition: {
      ...SMALL,
      testName: 'v1.5',
      wrap: true,
      publisherImage: null,
      env: { TIDEMARK_STATE: '/x', JOB_FAILURES: '1', JOB_DISRUPTIONS: '', JOB_RESTARTS: '' },
      volumes: {
        tidemark: { mountPath: '/data', source: {} },
        data: { mountPath: '/tidemark//', source: {} },
      },
    },
    mistakes: [
      'wrap: needs a publisherImage: that image brings the wrapper',
      'testName: must have no "." where wrap is true, since its Pods are hosts of that name: current value is "v1.5"',
      'env.TIDEMARK_STATE: is set by the template',
      'env.JOB_FAILURES: is set by the template',
      'env.JOB_DISRUPTIONS: is set by the template',
      'env.JOB_RESTARTS: is set by the template',
      'volumes.tidemark: is the name of the volume that wrap adds',
      'volumes.data.mountPath: is where wrap puts its volume: current value is "/tidemark//"',
    ],
  },
  {
    name: 'a name that leaves the Pods of a wrapped Job no room',
    definition: { ...published, wrap: true, testName: 'a'.repeat(56) },
    kind: 'oneshotJob',
    mistakes: [`testName: has 56 characters; a Job takes at most 55: current value is "${'a'.repeat(56)}"`],
  },
  {
    name: 'a wrapped command that is flags for an entrypoint which nobody starts',
    definition: { ...published, wrap: true, command: ['--epochs=1'] },
    mistakes: [
      'entrypoint: is missing: with wrap the image\'s own is not started, and the command begins with a flag: current value is "--epochs=1"',
    ],
  },
  {
    name: 'wrap as a text',
    definition: { ...published, wrap: 'yes' },
    mistakes: ['wrap: must be boolean: current value is "yes"'],
  },
  {
    name: 'a config that no container can be given',
    definition: { ...SMALL, regressionTestConfig: { required_metrics: ['é'.repeat(65_500)] } },
    mistakes: [
      'regressionTestConfig: makes a METRIC_CONFIG of 131545 bytes; a container takes at most 131057',
    ],
  },
  {
    name: 'a megabyte in every text that a container is given',
    definition: {
      ...SMALL,
      command: ['ok', 'x'.repeat(1e6)],
      entrypoint: ['x'.repeat(131_072)],
      env: { A: 'x'.repeat(1e6), B: '😀'.repeat(32_768), C: 'x'.repeat(131_069) },
    },
    mistakes: [
      'command.1: has 1000000 bytes; a container takes at most 131071',
      'entrypoint.0: has 131072 bytes; a container takes at most 131071',
      'env.A: has 1000000 bytes; a container takes at most 131069',
      'env.B: has 131072 bytes; a container takes at most 131069',
    ],
  },
  {
    name: 'what Argo would replace',
    definition: { ...SMALL, command: ['{{workflow.name}}'] },
    kind: 'workflow',
    mistakes: ['holds "{{", which Argo would replace: a Workflow cannot have it'],
  },
];
