import { type Api, openApi } from './api.ts';
import { TOKENS } from './stand-in.ts';

const JOBS = '/apis/batch/v1/namespaces/default/jobs';

/** What an API server answers when it does not list: status and body by what is wrong. */
export async function recordAnswers(place: { readonly endpoint: string; readonly ca: string }, etcd: string) {
  const as = (token: string) => openApi({ ...place, token });
  return {
    'wrong-token': await as('token-of-stranger').ask('GET', JOBS),
    'no-right': await as(TOKENS.nobody).ask('GET', JOBS),
    'no-right-on-pods': await as(TOKENS.nobody).ask('GET', '/api/v1/namespaces/default/pods'),
    'wrong-path': await as(TOKENS.admin).ask('GET', `/elsewhere${JOBS}`),
    'no-such-namespace': await as(TOKENS.admin).ask('GET', '/apis/batch/v1/namespaces/nowhere/jobs'),
    'broken-continue': await as(TOKENS.admin).ask('GET', `${JOBS}?limit=1&continue=rubbish`),
    'expired-continue': await expiredContinue(as(TOKENS.admin), etcd),
  };
}

/** A list whose second page is asked for when the store has forgotten how things stood at its first. */
async function expiredContinue(api: Api, etcd: string) {
  const spec = { suspend: true, template: { spec: POD } };
  for (const name of ['a', 'b']) await api.demand('POST', JOBS, { metadata: { name }, spec });
  const first = await api.demand('GET', `${JOBS}?limit=1`);
  const { continue: position } = first.metadata as { continue: string };
  await api.demand('DELETE', `${JOBS}/b`);
  const { metadata } = await api.demand('GET', JOBS);
  const { resourceVersion: revision } = metadata as { resourceVersion: string };
  await fetch(`${etcd}/v3/kv/compaction`, {
    method: 'POST',
    body: JSON.stringify({ revision, physical: true }),
  });
  return api.ask('GET', `${JOBS}?limit=1&continue=${encodeURIComponent(position)}`);
}

const POD = { restartPolicy: 'Never', containers: [{ name: 'main', image: 'train' }] };
