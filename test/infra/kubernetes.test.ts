import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readSettings, USAGE } from '../../watcher/settings.ts';
import { targetsOf } from '../../watcher/targets.ts';
import { filesUnder, readText } from '../support/repository.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

const FILES = filesUnder('infra/kubernetes').filter((path) => path.endsWith('.yaml'));
const manifests = FILES.flatMap((path) =>
  parseAllDocuments(readText(path)).map((document) => document.toJS() as Manifest),
);
const only = <T>(kind: string) => manifests.filter((one) => one.kind === kind) as unknown as T[];

const schemas = JSON.parse(readText('test/fixtures/kubernetes-schemas/installed.json'));
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema(schemas, 'installed');

const GROUPS: Readonly<Record<string, string>> = {
  v1: 'core.v1',
  'apps/v1': 'apps.v1',
  'rbac.authorization.k8s.io/v1': 'rbac.v1',
};

/** What is wrong with an object by the schema of its kind. */
function invalidities(object: Manifest): string[] {
  const name = `io.k8s.api.${GROUPS[object.apiVersion]}.${object.kind}`;
  const validate = ajv.getSchema(`installed#/definitions/${name}`);
  if (validate === undefined) return [`there is no schema ${name}`];
  validate(object);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test('every manifest is one that Kubernetes 1.36.3 takes', () => {
  expect(manifests.map(({ kind }) => kind)).toEqual([
    'Namespace',
    'ServiceAccount',
    'ClusterRole',
    'ClusterRoleBinding',
    'Deployment',
  ]);
  expect(manifests.flatMap(invalidities)).toEqual([]);
  const [deployment] = only<Manifest>('Deployment');
  expect(invalidities({ ...deployment!, spec: { replicas: 'one', image: 'x' } })).not.toEqual([]);
});

test('the rights are those that the watcher asks for, to read alone', () => {
  const [role] = only<{ rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] }>(
    'ClusterRole',
  );
  const granted = role!.rules.flatMap(({ apiGroups, resources, verbs }) => {
    expect(verbs).toEqual(['list', 'watch']);
    return resources.map((resource) => (apiGroups[0] === '' ? resource : `${apiGroups[0]}/${resource}`));
  });
  const asked = targetsOf('benchmarkId', []).map(({ target }) => {
    const [, group, name] = /^\/(?:apis\/([^/]+)|api)\/[^/]+\/(\w+)$/.exec(target.path)!;
    return group === undefined ? name : `${group}/${name}`;
  });
  expect(granted.sort()).toEqual(asked.sort());
});

interface Deployment {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly type: string };
    readonly template: {
      readonly spec: {
        readonly serviceAccountName: string;
        readonly securityContext: object;
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly env: readonly { readonly name: string }[];
          readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
          readonly securityContext: object;
          readonly resources: object;
          readonly [probe: string]: unknown;
        }[];
      };
    };
  };
}

test('one process, nobody in particular, nothing to write to but its volume, watched by its own paths', () => {
  const [{ spec }] = only<Deployment>('Deployment') as [Deployment];
  const [container] = spec.template.spec.containers;
  expect([spec.replicas, spec.strategy.type]).toEqual([1, 'Recreate']);
  expect(spec.template.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 });
  expect(container!.securityContext).toMatchObject({
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  });
  expect(container!.resources).toMatchObject({ limits: { memory: expect.stringMatching(/Mi$/) } });
  const served = readText('watcher/health-server.ts');
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const { httpGet } = container![probe] as { httpGet: { path: string; port: string } };
    expect(served).toContain(`'${httpGet.path}'`);
    expect(httpGet.port).toBe(container!.ports[0]!.name);
  }
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
  expect(readSettings([], pod)!.port).toBe(container!.ports[0]!.containerPort);
  // The image is the publisher's, so its Node is where that one's is, and the file where the build puts it.
  expect(readText('publisher/Dockerfile')).toContain(`"${container!.command[0]}"`);
  expect(container!.command.at(-1)).toBe('/app/watcher.js');
  expect(readText('scripts/build-publisher.ts')).toContain("watcher: 'watcher/main.ts'");
  for (const { name } of container!.env) expect(USAGE).toContain(name);
});
