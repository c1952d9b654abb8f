import { PortError } from '../../ports/error.ts';
import type { Queue } from '../../ports/queue.ts';
import { messageAttributes } from './attributes.ts';
import { pubSubError } from './errors.ts';
import { fetchReason, persist } from './patience.ts';

const GOOGLE = 'https://pubsub.googleapis.com';
const TRY_MS = 10_000;

// Codes of gRPC for those of HTTP, https://cloud.google.com/apis/design/errors#http_mapping
const CODES: ReadonlyMap<number, number> = new Map([
  [400, 3],
  [401, 16],
  [403, 7],
  [404, 5],
  [409, 10],
  [429, 8],
]);
const UNAVAILABLE = 14;

export interface RestOptions {
  readonly project: string;
  readonly topic: string;
  /** Base URL; Google's unless said. */
  readonly endpoint?: string | undefined;
  /** Gives an access token; null where none is asked for, as by the emulator. */
  readonly token: (() => Promise<string>) | null;
  /** Ends all tries. */
  readonly until: AbortSignal;
}

/** A failure of the REST interface, in the shape that failures of gRPC have. */
class RestError extends Error {
  readonly code: number;
  readonly details: string;

  constructor(status: number, said: string) {
    super(said);
    this.code = CODES.get(status) ?? UNAVAILABLE;
    this.details = said;
  }
}

/**
 * Publishes to a topic by plain HTTP, with no package at all: it starts in a tenth of the time that Google's client
 * takes. What may pass is tried again until the time is over; a topic may get a message twice by that. Readers know
 * the two for one where a message brings an id of its own; one of v1 does not, and counts as an attempt more. Throws
 * PortError.
 */
export function pubSubPublisher(options: RestOptions): Pick<Queue, 'publish'> {
  const { project, topic, endpoint = GOOGLE, token, until } = options;
  const url = `${endpoint.replace(/\/+$/, '')}/v1/projects/${project}/topics/${encodeURIComponent(topic)}:publish`;
  const path = `projects/${project}/topics/${topic}`;
  const doing = {
    what: `publish to ${path}`,
    create: 'create the topic, and a subscription to it, since without one nothing is kept',
    role: `roles/pubsub.publisher on ${path}`,
  };

  return {
    publish: async (body, name) => {
      const message = { data: Buffer.from(body).toString('base64'), attributes: messageAttributes(name) };
      const text = JSON.stringify({ messages: [message] });
      try {
        return await persist((signal) => post(text, signal), { until, tryMs: TRY_MS, isPassing });
      } catch (error) {
        throw pubSubError(error, doing);
      }
    },
  };

  async function post(body: string, signal: AbortSignal): Promise<string> {
    const authorization = token === null ? {} : { authorization: `Bearer ${await token()}` };
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorization },
        body,
        redirect: 'error',
        signal,
      });
      text = await response.text();
    } catch (error) {
      throw new RestError(503, fetchReason(error));
    }
    if (!response.ok) throw new RestError(response.status, saidIn(text) ?? `HTTP ${response.status}`);
    return idIn(text);
  }
}

/** What a token is refused for is for good; PortErrors come from the source of tokens, which is patient itself. */
function isPassing(error: unknown): boolean {
  return error instanceof RestError && (error.code === UNAVAILABLE || error.code === 8 || error.code === 10);
}

/** The id in `{"messageIds": ["1"]}`. */
function idIn(text: string): string {
  const ids = /"messageIds"\s*:\s*\[\s*"([^"]+)"/.exec(text)?.[1];
  if (ids !== undefined) return ids;
  throw new PortError('unavailable', 'Cannot tell whether Pub/Sub took the message: its answer names no id');
}

/** The sentence in `{"error": {"message": "…"}}`. */
function saidIn(text: string): string | null {
  try {
    const answer: { error?: { message?: unknown } } | null = JSON.parse(text);
    const said = answer?.error?.message;
    return typeof said === 'string' && said !== '' ? said : null;
  } catch {
    return null;
  }
}
