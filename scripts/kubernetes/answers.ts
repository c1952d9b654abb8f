import { openApi } from './api.ts';
import { TOKENS } from './stand-in.ts';

const JOBS = '/apis/batch/v1/namespaces/default/jobs';

/** What an API server answers when it does not list: status and body by what is wrong. */
export async function recordAnswers(place: { readonly endpoint: string; readonly ca: string }) {
  const as = (token: string) => openApi({ ...place, token });
  return {
    'wrong-token': await as('token-of-stranger').ask('GET', JOBS),
    'no-right': await as(TOKENS.nobody).ask('GET', JOBS),
    'no-right-on-pods': await as(TOKENS.nobody).ask('GET', '/api/v1/namespaces/default/pods'),
    'wrong-path': await as(TOKENS.admin).ask('GET', `/elsewhere${JOBS}`),
    'no-such-namespace': await as(TOKENS.admin).ask('GET', '/apis/batch/v1/namespaces/nowhere/jobs'),
    'broken-continue': await as(TOKENS.admin).ask('GET', `${JOBS}?limit=1&continue=rubbish`),
  };
}
