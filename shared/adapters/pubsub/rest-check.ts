import { PortError } from '../../ports/error.ts';
import { fetchReason, persist } from './patience.ts';
import type { RestOptions } from './rest.ts';

const GOOGLE = 'https://pubsub.googleapis.com';
const PERMISSION = 'pubsub.topics.publish';
const TRY_MS = 10_000;

/** Neither can be told apart from a right that is missing, nor need it: both are answered. */
class Refusal extends Error {}

/**
 * Why a message would not be published now, in one sentence; null when nothing speaks against it. Asks for the caller's
 * rights on the topic (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/testIamPermissions), which
 * takes no right of its own, so that a publisher with nothing to publish knows. Never rejects.
 */
export async function publishProblem(options: RestOptions): Promise<string | null> {
  const { project, topic, endpoint = GOOGLE, until } = options;
  const path = `projects/${project}/topics/${topic}`;
  const url = `${endpoint.replace(/\/+$/, '')}/v1/${path.split('/').map(encodeURIComponent).join('/')}:testIamPermissions`;
  try {
    const allowed = await persist((signal) => ask(url, options, signal), {
      until,
      tryMs: TRY_MS,
      isPassing: (error) => !(error instanceof Refusal) && !(error instanceof PortError),
    });
    if (allowed.includes(PERMISSION)) return null;
    return `Cannot publish to ${path}: there is no such topic, or ${PERMISSION} is missing; grant roles/pubsub.publisher on it`;
  } catch (error) {
    if (error instanceof PortError) return error.message;
    return `Cannot ask for the rights on ${path}: ${fetchReason(error)}`;
  }
}

async function ask(url: string, { token }: RestOptions, signal: AbortSignal): Promise<unknown[]> {
  const authorization = token === null ? {} : { authorization: `Bearer ${await token()}` };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify({ permissions: [PERMISSION] }),
    redirect: 'error',
    signal,
  });
  const text = await response.text();
  if (response.status === 429 || response.status >= 500) throw new Error(`HTTP ${response.status}`);
  if (!response.ok) throw new Refusal(`HTTP ${response.status}`);
  const { permissions } = JSON.parse(text) as { permissions?: unknown };
  return Array.isArray(permissions) ? permissions : [];
}
