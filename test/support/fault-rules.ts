/** What a client gets instead of the stand-in's answer, or what is done to that answer. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      /** As in `error.errors[0].reason`; by default the one that Google gives with that status. */
      readonly reason?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The stand-in is asked so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The answer comes in pieces of so many bytes, with a pause before each. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly ms: number }
  /** The connection is gone after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** `content-length` is wrong by so much, and the connection ends behind the body. */
  | { readonly kind: 'wrong-length'; readonly by: number }
  /** The stand-in does as it is told, and nobody hears its answer. */
  | { readonly kind: 'lost' }
  /** The connection is reset, and the stand-in never asked. */
  | { readonly kind: 'reset' }
  /** No answer, ever. */
  | { readonly kind: 'hang' };

/** A request that arrived, and what became of it. */
export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly body: Buffer;
  /** What the client was answered; null: nothing, or nothing yet. */
  readonly status: number | null;
  /** What the stand-in answered; null: it was not asked, or has not answered yet. */
  readonly upstream: number | null;
  readonly wasForwarded: boolean;
}

/** What a rule may look at besides the request. */
export interface Surroundings {
  /** All requests before this one. */
  readonly earlier: readonly SeenRequest[];
  /** The base URL of the stand-in. */
  readonly target: string;
}

/** Which requests have a fault. Of several rules that fit the first counts; a function may answer null: none. */
export interface FaultRule {
  readonly method?: string;
  /** Against the path with its query. */
  readonly path: RegExp;
  /** Which of the requests that fit, from 1; all by default. */
  readonly nth?: readonly number[];
  readonly fault: Fault | ((request: SeenRequest, around: Surroundings) => Promise<Fault | null>);
}

/** The rules whose turn it is, in their order. Counts each that fits, whichever is taken: ask once a request. */
export function due<R extends { readonly path: RegExp; readonly nth?: readonly number[] }>(
  rules: readonly R[],
  request: { readonly path: string; readonly times: Map<R, number> },
): R[] {
  return rules.filter((rule) => {
    if (!rule.path.test(request.path)) return false;
    const time = (request.times.get(rule) ?? 0) + 1;
    request.times.set(rule, time);
    return rule.nth === undefined || rule.nth.includes(time);
  });
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  409: 'duplicate',
  412: 'conditionNotMet',
  416: 'requestedRangeNotSatisfiable',
  429: 'rateLimitExceeded',
  500: 'internalError',
  503: 'backendError',
};

/** The body that Google's JSON APIs answer an error with. */
export function errorBody({ status, reason, message }: Extract<Fault, { kind: 'status' }>): string {
  const word = reason ?? REASONS[status] ?? 'unknown';
  const text = message ?? `A fault of the test: ${word}`;
  const errors = [{ message: text, domain: 'global', reason: word }];
  return JSON.stringify({ error: { code: status, message: text, errors } });
}

/** BigQuery refuses a job id that was used; its stand-in runs the job a second time. */
export function usedJobIds(): FaultRule {
  return {
    method: 'POST',
    path: /\/bigquery\/v2\/projects\/[^/]+\/jobs(\?|$)/,
    async fault(request, { earlier }) {
      const id = jobId(request);
      const isUsed = (seen: SeenRequest) =>
        seen.method === 'POST' && seen.wasForwarded && (seen.upstream ?? 200) < 400 && jobId(seen) === id;
      if (id === null || !earlier.some(isUsed)) return null;
      return { kind: 'status', status: 409, message: `Already Exists: Job ${id}` };
    },
  };
}

/** The id in a job's JSON, which is the whole body or its first part. */
function jobId({ body }: SeenRequest): string | null {
  return /"jobId"\s*:\s*"([^"]+)"/.exec(body.toString('utf8', 0, 1 << 16))?.[1] ?? null;
}

/** Cloud Storage deletes only the generation that was named; its stand-in deletes whatever is there. */
export function staleDeletes(): FaultRule {
  return {
    method: 'DELETE',
    path: /\/storage\/v1\/b\/[^/]+\/o\/[^?]+\?.*ifGenerationMatch=/,
    async fault({ path }, { target }) {
      const url = new URL(path, target);
      const wanted = url.searchParams.get('ifGenerationMatch');
      url.search = '';
      const response = await fetch(url);
      const text = await response.text();
      // An object that is not there is the stand-in's to refuse.
      if (!response.ok) return null;
      const { generation } = JSON.parse(text) as { generation?: string };
      return String(generation) === wanted ? null : { kind: 'status', status: 412 };
    },
  };
}
