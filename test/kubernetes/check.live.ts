// What "tidemark doctor" learns from a real API server about the rights of who asks. `npm run test:kubernetes`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApi } from '../../scripts/kubernetes/api.ts';
import { TOKENS } from '../../scripts/kubernetes/stand-in.ts';
import { clusterChecks } from '../../shared/adapters/kubernetes/check.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { TIDEMARK_TEST_KUBERNETES: endpoint, TIDEMARK_TEST_KUBERNETES_CA: ca } = process.env;

test('rights are seen as they were granted, in one namespace and in all', async () => {
  if (endpoint === undefined || ca === undefined)
    throw new Error('No TIDEMARK_TEST_KUBERNETES: start these tests with "npm run test:kubernetes"');
  const api = openApi({ endpoint, ca, token: TOKENS.admin });
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces';
  for (const [namespace, resources] of [
    ['checked-both', ['jobs', 'pods']],
    ['checked-jobs', ['jobs']],
    ['checked-none', []],
  ] as const) {
    await api.demand('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    const rules = resources.map((resource) => ({
      apiGroups: [resource === 'jobs' ? 'batch' : ''],
      resources: [resource],
      verbs: ['list'],
    }));
    await api.demand('POST', `${rbac}/${namespace}/roles`, { metadata: { name: 'checked' }, rules });
    await api.demand('POST', `${rbac}/${namespace}/rolebindings`, {
      metadata: { name: 'checked' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'checked' },
      subjects: [{ kind: 'User', name: 'nobody' }],
    });
  }
  const fileWith = (token: string) => {
    const path = join(temporaryFolder(), 'token');
    writeFileSync(path, token);
    return path;
  };
  const nobody = { endpoint, ca_file: ca, token_file: fileWith(TOKENS.nobody) };
  const namespaces = ['checked-both', 'checked-jobs', 'checked-none'];
  const checks = await clusterChecks({
    clusters: {
      some: { ...nobody, namespaces },
      all: nobody,
      admin: { ...nobody, token_file: fileWith(TOKENS.admin) },
      stranger: { ...nobody, token_file: fileWith('stranger') },
    },
    readYaml: async () => null,
  });
  expect(checks.map(({ what, state }) => [what, state])).toEqual([
    ['cluster some, namespace checked-both', 'ok'],
    ['cluster some, namespace checked-jobs', 'note'],
    ['cluster some, namespace checked-none', 'bad'],
    ['cluster all', 'note'],
    ['cluster admin', 'ok'],
    ['cluster stranger', 'bad'],
  ]);
});
