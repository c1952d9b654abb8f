import type { WatchTarget } from '../shared/adapters/kubernetes/watch-types.ts';

/** What is watched: the kind decides who is told. */
export interface KindOfTarget {
  readonly kind: 'job' | 'job-set' | 'pod';
  readonly target: WatchTarget;
}

const KINDS = [
  { kind: 'pod', group: '/api/v1', name: 'pods', list: 'PodList', words: 'Pods', of: '' },
  { kind: 'job', group: '/apis/batch/v1', name: 'jobs', list: 'JobList', words: 'Jobs', of: ' of batch' },
  {
    kind: 'job-set',
    group: '/apis/jobset.x-k8s.io/v1alpha2',
    name: 'jobsets',
    list: 'JobSetList',
    words: 'JobSets',
    of: ' of jobset.x-k8s.io',
  },
] as const;

/** Every kind in each of the namespaces; in all of them together when none is named. */
export function targetsOf(label: string, namespaces: readonly string[]): KindOfTarget[] {
  const places = namespaces.length === 0 ? [null] : namespaces;
  return places.flatMap((namespace) =>
    KINDS.map(({ kind, group, name, list, words, of }) => {
      const where = namespace === null ? 'all namespaces' : `namespace "${namespace}"`;
      const target = {
        what: `${words} of ${where}`,
        path: `${group}${namespace === null ? '' : `/namespaces/${namespace}`}/${name}`,
        query: new URLSearchParams({ labelSelector: label }),
        kind: list,
        right: `list and watch on ${name}${of} in ${where}`,
        isOptional: kind === 'job-set',
      };
      return { kind, target };
    }),
  );
}
