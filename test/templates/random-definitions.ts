import fc from 'fast-check';
import { ACCELERATORS } from '../../shared/core/templates/accelerators.ts';
import { SMALL } from './definitions.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('$', '(', ')', 'A', '"', '\\', '\n', '\u0001', '😀', '{', '%'),
    maxLength: 12,
  }),
);
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const variable = fc.stringMatching(/^[A-Z][A-Z0-9]{0,4}$/);
const condition = fc.record({
  comparison: fc.constantFrom('less', 'greater'),
  success_threshold: fc.record({ fixed_value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
});

/** Definitions that can be rendered, as far as possible: all kinds of texts and numbers in all places. */
export const goodDefinition = fc.record(
  {
    frameworkPrefix: label,
    modelName: label,
    mode: label,
    accelerator: fc.constantFrom(
      ...Object.entries(ACCELERATORS).flatMap(([name, { hosts }]) => (hosts === 1 ? [name] : [])),
    ),
    image: fc.constant('gcr.io/p/i'),
    command: fc.array(fc.oneof(text, fc.constantFrom('--model_dir', '--model_dir=$(B)/x', '--model-dir=')), {
      minLength: 1,
      maxLength: 4,
    }),
    timeout: fc.integer({ min: 1, max: 1e6 }),
    schedule: fc.constantFrom('@daily', '0 2 * * *'),
    publisherImage: fc.constant('gcr.io/p/publisher'),
    wrap: fc.boolean(),
    env: fc.dictionary(variable, text, { maxKeys: 4 }),
    labels: fc.dictionary(label, label, { maxKeys: 3 }),
    cluster: text,
    queue: text,
    modelDir: text,
    retries: fc.nat(5),
    cpu: fc.constantFrom('4', '500m', null),
    spot: fc.boolean(),
    regressionTestConfig: fc.record({
      metric_success_conditions: fc.dictionary(text, fc.oneof(condition, fc.constant(null)), { maxKeys: 4 }),
      required_metrics: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }), {
        maxLength: 3,
      }),
    }),
  },
  {
    requiredKeys: [
      'frameworkPrefix',
      'modelName',
      'mode',
      'accelerator',
      'image',
      'command',
      'timeout',
      'schedule',
    ],
  },
);

const anything = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 2 }),
  // Not more: a sentence shows the keys in their own order, and the library in that of their code points.
  fc.dictionary(text, text, { maxKeys: 1 }),
);
const fields = [
  'frameworkPrefix',
  'testName',
  'image',
  'imageTag',
  'command',
  'timeout',
  'schedule',
  'labels',
  'env',
  'volumes',
  'zone',
  'region',
  'kueueQueue',
  'timeZone',
  'accelerator',
  'retries',
  'modelname',
  'shcedule',
  'xyzzy',
  'spot',
  'wrap',
  'concurrencyPolicy',
];

/** Definitions with anything in one to three places. */
export const badDefinition = fc
  .dictionary(fc.constantFrom(...fields), anything, { minKeys: 1, maxKeys: 3 })
  .map((wrong): Record<string, unknown> => ({ ...SMALL, ...wrong }));
