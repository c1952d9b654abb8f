import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

const FOLDER = join(import.meta.dirname, '../fixtures/kubernetes-schemas');
const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
for (const file of ['batch-v1.json', 'jobset.json', 'workflow.json']) ajv.addSchema(read(file), file);

const PLACES: Readonly<Record<string, string>> = {
  'batch/v1 Job': 'batch-v1.json#/definitions/io.k8s.api.batch.v1.Job',
  'batch/v1 CronJob': 'batch-v1.json#/definitions/io.k8s.api.batch.v1.CronJob',
  'jobset.x-k8s.io/v1alpha2 JobSet': 'jobset.json#',
  'argoproj.io/v1alpha1 Workflow': 'workflow.json#/definitions/io.argoproj.workflow.v1alpha1.Workflow',
};

interface Workflow {
  readonly spec: { readonly templates: readonly { readonly resource?: { readonly manifest?: string } }[] };
}

/** What is wrong with a Kubernetes object by the schemas of its kind; the Jobs that a Workflow makes included. */
export function invalidities(object: { readonly [key: string]: unknown }): string[] {
  const kind = `${object.apiVersion} ${object.kind}`;
  const validate: ValidateFunction | undefined = ajv.getSchema(PLACES[kind] ?? '');
  if (validate === undefined) return [`there is no schema of ${kind}`];
  validate(object);
  const own = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${kind}${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  if (object.kind !== 'Workflow') return own;
  const manifests = (object as unknown as Workflow).spec.templates.flatMap(
    ({ resource }) => resource?.manifest ?? [],
  );
  return [...own, ...manifests.flatMap((manifest) => invalidities(JSON.parse(manifest)))];
}
