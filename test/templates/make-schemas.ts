// Makes test/fixtures/kubernetes-schemas from the sources of Kubernetes, JobSet and Argo Workflows; its
// README.md says how. node test/templates/make-schemas.ts KUBERNETES JOBSET ARGO (folders of Go modules)
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Schema = { [key: string]: unknown };

const OUT = join(import.meta.dirname, '../fixtures/kubernetes-schemas');
const [kubernetes = '', jobSet = '', argo = ''] = process.argv.slice(2);

/** Words for people are left out; where keys are listed no others may stand, as the API server demands. */
function strict(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((part) => strict(part));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(
    ([key]) =>
      isMap || !/^(description|title|default|example|x-kubernetes-(?!int-or-string|preserve).*)$/.test(key),
  );
  const schema = Object.fromEntries(
    kept.map(([key, part]) => [key, strict(part, !isMap && /^(properties|definitions|schemas)$/.test(key))]),
  );
  const isClosed = !isMap && 'properties' in schema && !('additionalProperties' in schema);
  return isClosed && !schema['x-kubernetes-preserve-unknown-fields']
    ? { ...schema, additionalProperties: false }
    : schema;
}

/** The schemas that can be reached from `names`, by following references. */
function reachable(all: Schema, names: readonly string[]): Schema {
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const [, next = ''] of JSON.stringify(all[name]).matchAll(/"\$ref":"#\/[^"]*\/([^"/]+)"/g))
      queue.push(next);
  }
  return Object.fromEntries([...found].sort().map((name) => [name, strict(all[name])]));
}

function save(file: string, value: unknown): void {
  writeFileSync(
    join(OUT, file),
    `${JSON.stringify(value).replaceAll('#/components/schemas/', '#/definitions/')}\n`,
  );
}

/** All schemas of some groups of Kubernetes, by their names. */
function groups(...names: readonly string[]): Schema {
  const specs = names.map((name) => join(kubernetes, `api/openapi-spec/v3/${name}_openapi.json`));
  return Object.assign(
    {},
    ...specs.map((path) => JSON.parse(readFileSync(path, 'utf8')).components.schemas as Schema),
  );
}

const BATCH = 'io.k8s.api.batch.v1';
save('batch-v1.json', {
  definitions: reachable(groups('apis__batch__v1'), [`${BATCH}.Job`, `${BATCH}.CronJob`]),
});

// What infra/kubernetes installs.
const RBAC = 'io.k8s.api.rbac.v1';
const installed = [
  'io.k8s.api.apps.v1.Deployment',
  'io.k8s.api.core.v1.Namespace',
  'io.k8s.api.core.v1.ServiceAccount',
];
const rights = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].map((kind) => `${RBAC}.${kind}`);
save('installed.json', {
  definitions: reachable(groups('api__v1', 'apis__apps__v1', 'apis__rbac.authorization.k8s.io__v1'), [
    ...installed,
    ...rights,
  ]),
});

const crd = parse(
  readFileSync(join(jobSet, 'config/components/crd/bases/jobset.x-k8s.io_jobsets.yaml'), 'utf8'),
);
const set = strict(crd.spec.versions[0].schema.openAPIV3Schema) as {
  properties: {
    metadata: unknown;
    spec: { properties: { replicatedJobs: { items: { properties: Schema } } } };
  };
};
// The Job in it is Kubernetes' own; the copy in this file is older.
set.properties.spec.properties.replicatedJobs.items.properties.template = {
  $ref: `batch-v1.json#/definitions/${BATCH}.JobTemplateSpec`,
};
set.properties.metadata = {
  $ref: 'batch-v1.json#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
};
save('jobset.json', set);

const workflows = JSON.parse(readFileSync(join(argo, 'api/jsonschema/schema.json'), 'utf8'));
const ARGO = 'io.argoproj.workflow.v1alpha1';
save('workflow.json', { definitions: reachable(workflows.definitions, [`${ARGO}.Workflow`]) });
