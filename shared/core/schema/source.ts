import * as z from 'zod';
import { jsonPointer } from '../sources/pointer.ts';
import { filterProblem, templateProblem } from '../sources/template.ts';
import { Name } from './scalars.ts';

/** A URL up to where the path in it begins; without a match a place is a path. */
const URL_START = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;

const Path = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !/[\x00-\x1f\x7f]/.test(path), { error: 'has a control character' })
  .refine((path) => !path.split('/').includes('..'), { error: 'must not have ".." in it' })
  .refine((path) => !path.endsWith('/') && path !== URL_START.exec(path)?.[0], {
    error: 'must name a file, not a folder',
  })
  .refine((path) => !/[*?]/.test(URL_START.exec(path)?.[0] ?? ''), {
    error: 'must not have * or ? before its folders',
  })
  .meta({
    description: 'Relative to the model_dir of the run, or absolute, or a URL; * and ? are wildcards',
  });

const Prefix = z.string().min(1).max(200).optional().meta({ description: 'Put before every name' });

const Pointer = z
  .string()
  .max(4096)
  .refine((text) => jsonPointer(text) !== null, { error: 'is not a JSON pointer such as /metrics/auc' });

const PointerMap = z.record(Name, Pointer).refine((map) => Object.keys(map).length > 0, {
  error: 'names no metric',
});

const file = { path: Path, prefix: Prefix };

/** Exactly one of some keys, told together with mistakes in single ones. */
function oneOf<T extends z.ZodType>(schema: T, keys: readonly string[]): T {
  return schema.refine((settings) => keys.filter((key) => Object(settings)[key] !== undefined).length === 1, {
    error: `needs exactly one of ${keys.join(', ')}`,
  });
}

export const JSON_PRESETS = [
  'perfzero',
  'pytest-benchmark',
  'google-benchmark',
  'lm-eval',
  'trainer-state',
] as const;

const JsonSource = oneOf(
  z.strictObject({
    ...file,
    preset: z.enum(JSON_PRESETS).optional(),
    metrics: PointerMap.optional().meta({ description: 'Name of a metric → JSON pointer to its number' }),
  }),
  ['preset', 'metrics'],
);

const JsonLinesSource = oneOf(
  z.strictObject({
    ...file,
    preset: z.enum(['metrics-lines']).optional().meta({
      description: 'Lines of {"metrics": {…}, "dimensions": {…}}',
    }),
    dimensions: z.array(Name).min(1).optional().meta({
      description: 'With the preset: which dimensions become part of a name, as in auc{split=test}',
    }),
    names: z
      .strictObject({ name: Pointer, value: Pointer })
      .optional()
      .meta({ description: 'Where a line has the name of a metric and its value' }),
    metrics: PointerMap.optional().meta({
      description: 'Name of a series → JSON pointer to its value in a line',
    }),
    step: Pointer.optional().meta({ description: 'With names or metrics' }),
    time: Pointer.optional().meta({
      description: 'With names or metrics: Unix seconds or ISO 8601',
    }),
  }),
  ['preset', 'names', 'metrics'],
).superRefine((settings, context) => {
  const complain = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message });
  if (settings.preset === undefined && settings.dimensions !== undefined)
    complain('dimensions', 'goes only with a preset');
  for (const key of ['step', 'time'] as const)
    if (settings.preset !== undefined && settings[key] !== undefined)
      complain(key, 'does not go with a preset');
});

const CsvSource = oneOf(
  z.strictObject({
    ...file,
    preset: z.enum(['locust']).optional(),
    columns: z
      .union([z.array(Name).min(1), z.record(Name, Name)])
      .optional()
      .meta({ description: 'Columns of numbers; or column → name of its series' }),
    where: z.record(Name, z.string()).optional().meta({
      description: 'Only rows whose columns have these texts',
    }),
    delimiter: z.enum([',', ';', '\t', '|']).optional().meta({ description: 'Default ,' }),
    decimal: z.enum(['.', ',']).optional().meta({ description: 'Default .' }),
    aggregate: z
      .array(z.enum(['final', 'first', 'min', 'max', 'mean', 'average', 'median', 'count', 'sum']))
      .min(1)
      .optional()
      .meta({
        description:
          'Metrics are <name>_<aggregate>; without it by the strategies of metric_collection_config',
      }),
  }),
  ['preset', 'columns'],
).superRefine(({ preset, ...others }, context) => {
  if (preset === undefined) return;
  for (const key of ['where', 'decimal', 'aggregate'] as const)
    if (others[key] !== undefined)
      context.addIssue({ code: 'custom', path: [key], message: 'does not go with a preset' });
});

export const ConnectionName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, { error: 'is not a name of lower-case letters, digits and _' })
  .meta({ description: 'One of the connections in the config file' });

/** A text whose mistake is told by `problem`. */
function text(problem: (given: string) => string | null) {
  return z
    .string()
    .min(1)
    .max(65_536)
    .superRefine((given, context) => {
      const message = problem(given);
      if (message !== null) context.addIssue({ code: 'custom', message });
    });
}

const Template = text(templateProblem);

const MlflowSource = oneOf(
  z.strictObject({
    connection: ConnectionName,
    run: Template.optional().meta({ description: 'Id of the run, such as {label.mlflow_run_id}' }),
    experiment: Template.optional().meta({ description: 'Name of an experiment: its newest run counts' }),
    filter: text(filterProblem).optional().meta({
      description: "With experiment, in MLflow's language; {label.version} and the like stand between quotes",
    }),
    prefix: Prefix,
  }),
  ['run', 'experiment'],
).refine(({ experiment, filter }) => filter === undefined || experiment !== undefined, {
  error: 'filter goes only with experiment',
});

const SqlSource = z.strictObject({
  connection: ConnectionName,
  query: z.string().min(1).max(65_536).meta({
    description:
      'One SELECT of the columns metric and value, or of columns that are metrics; $1 … are parameters',
  }),
  parameters: z.array(Template).max(100).optional().meta({
    description: 'Such as {label.version}, {run_id}, {test_name}',
  }),
  prefix: Prefix,
});

/** Every source by its key; an element of the list has exactly one. */
const kinds = {
  tensorboard: z.strictObject({}).optional().meta({ description: 'Event files: the default' }),
  json: JsonSource.optional(),
  json_lines: JsonLinesSource.optional(),
  k6: z.strictObject(file).optional(),
  csv: CsvSource.optional(),
  junit: z.strictObject(file).optional(),
  openmetrics: z.strictObject(file).optional(),
  lines: z.strictObject(file).optional(),
  mlflow: MlflowSource.optional(),
  sql: SqlSource.optional(),
};

/** The keys of a source. */
export const SOURCE_KINDS = Object.keys(kinds) as SourceKind[];

export const Source = z
  .strictObject(kinds)
  .refine((source) => SOURCE_KINDS.filter((kind) => source[kind] !== undefined).length === 1, {
    error: `needs exactly one of ${SOURCE_KINDS.join(', ')}`,
  })
  .meta({ minProperties: 1, maxProperties: 1 });

export type SourceKind = keyof typeof kinds;
export type SourceConfig = z.infer<typeof Source>;
/** The settings of a kind. */
export type SourceSettings<Kind extends SourceKind> = NonNullable<SourceConfig[Kind]>;

/** The kind of a source. */
export function sourceKind(source: SourceConfig): SourceKind {
  return SOURCE_KINDS.find((kind) => source[kind] !== undefined)!;
}
