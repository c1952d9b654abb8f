import { readFileSync } from 'node:fs';
import { request } from 'node:https';

/** An API server, its authority's file, and the token of who asks. */
export interface ApiPlace {
  readonly endpoint: string;
  readonly ca: string;
  readonly token: string;
}

/** What an API server answered. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Reads and writes objects of a real API server, to set up what the adapter under test then reads. */
export interface Api {
  ask(method: Method, path: string, body?: unknown): Promise<ApiAnswer>;
  /** The same for what has to succeed; throws with the server's words if it does not. */
  demand(method: Method, path: string, body?: unknown): Promise<Record<string, unknown>>;
}

export function openApi({ endpoint, ca, token }: ApiPlace): Api {
  const ask: Api['ask'] = async (method, path, body) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers: Record<string, string> = {
      authorization: `Bearer ${token}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      // Of a DELETE Node says nothing by itself, and the server takes the body for the next request.
      'content-length': String(Buffer.byteLength(text)),
    };
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const sent = request(`${endpoint}${path}`, { method, headers, ca: readFileSync(ca) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: json(Buffer.concat(chunks).toString('utf8')) });
      });
    });
    sent.on('error', reject);
    sent.end(text);
    return promise;
  };
  return {
    ask,
    async demand(method, path, body) {
      const answer = await ask(method, path, body);
      if (answer.status >= 200 && answer.status < 300) return answer.body as Record<string, unknown>;
      throw new Error(`${method} ${path} gave ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
