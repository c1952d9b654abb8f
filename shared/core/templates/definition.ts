import * as z from 'zod';

const Texts = z.array(z.string());
const Settings = z.record(z.string(), z.unknown());

/** Where a volume is seen, and what it is: the source as Kubernetes writes it, such as `{emptyDir: {}}`. */
export const Volume = z.strictObject({
  mountPath: z.string(),
  source: Settings,
  readOnly: z.boolean().optional(),
});

/** What a container is given and where it may run; `hosts` is how many Pods share one accelerator. */
export const AcceleratorSettings = z.strictObject({
  name: z.string(),
  type: z.string(),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  limits: z.record(z.string(), z.string()).optional(),
  hosts: z.number().optional(),
});

/**
 * One test as people write it: the fields of the tutorial's `BaseTest`, and what became needed since. Only
 * shapes are checked here; `mistakesOf` has the rules that need more than one field or a sentence of their own.
 */
export const TestDefinition = z.strictObject({
  frameworkPrefix: z.string().meta({ description: 'The framework, first part of the name: tf, pt-nightly' }),
  modelName: z.string(),
  mode: z.string().meta({ description: 'The kind of test: func, conv, example' }),
  accelerator: z
    .unknown()
    .optional()
    .meta({ description: 'A name of the table, or the settings themselves' }),
  image: z.string(),
  imageTag: z.string().nullable().optional().meta({ description: 'Default latest; none behind a digest' }),
  command: Texts.meta({ description: "Arguments for the image's entrypoint; $(NAME) is replaced" }),
  entrypoint: Texts.optional().meta({ description: "Instead of the image's own" }),
  timeout: z.number().meta({ description: 'Seconds, all attempts together' }),
  schedule: z.string().optional().meta({ description: 'Five fields of cron, or @daily and the like' }),
  timeZone: z.string().optional().meta({ description: 'Of the schedule; default Etc/UTC' }),
  publisherImage: z.string().nullable().optional().meta({ description: 'Without one nothing is published' }),
  wrap: z
    .boolean()
    .optional()
    .meta({ description: 'Run the command through tidemark-run, which tells its end' }),
  metricCollectionConfig: Settings.nullable().optional(),
  regressionTestConfig: Settings.nullable().optional(),
  testName: z.string().optional().meta({ description: 'Default: prefix, model, mode and accelerator' }),
  frameworkVersion: z.string().optional().meta({ description: 'Default: the prefix' }),
  modelDir: z.string().optional().meta({ description: 'Where the event files go, if no argument says it' }),
  configMaps: Texts.optional().meta({ description: 'Environment of all containers; default gcs-buckets' }),
  env: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  cpu: z.string().nullable().optional(),
  memory: z.string().nullable().optional(),
  volumes: z.record(z.string(), Volume).optional(),
  spot: z.boolean().optional().meta({ description: 'Run on machines that may be taken away' }),
  namespace: z.string().optional(),
  serviceAccountName: z.string().optional(),
  kueueQueue: z.string().optional().meta({ description: 'Start suspended; Kueue lets it go' }),
  retries: z.number().optional().meta({ description: 'Default 1 for scheduled ones, else 0' }),
  ttlSecondsAfterFinished: z.number().optional().meta({ description: 'Default 604800, at least 86400' }),
  startingDeadlineSeconds: z.number().optional().meta({ description: 'Default 300' }),
  concurrencyPolicy: z.string().optional().meta({ description: 'Default Forbid' }),
  cluster: z.string().optional().meta({ description: 'As the config of the ticks names it' }),
  zone: z.string().optional(),
  region: z.string().optional(),
  queue: z.string().optional().meta({ description: 'Where to publish, such as pubsub://PROJECT/TOPIC' }),
});

/** One test as people write it. Seconds are seconds, texts are texts; see `docs/templates.md`. */
export type TestDefinition = z.infer<typeof TestDefinition>;
export type AcceleratorSettings = z.infer<typeof AcceleratorSettings>;

/** What can be made of a definition. */
export const TEMPLATE_KINDS = ['oneshotJob', 'cronJob', 'jobSet', 'workflow'] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];
