import { isObject } from '../../core/json.ts';
import { PortError, type PortErrorCode } from '../../ports/error.ts';
import { type Answer, TooLarge, TooSlow } from './request.ts';

/** What was asked of which cluster, for the words of a failure. */
export interface Asked {
  readonly cluster: string;
  /** The right that it takes, as a Role would name it. */
  readonly right: string;
}

/** A cluster that did not answer as it should. */
export class ClusterError extends PortError {
  /** HTTP status; null when there was no whole answer. */
  readonly status: number | null;
  /** Milliseconds that the server wants to be left alone. */
  readonly retryAfterMs: number | null;

  constructor(code: PortErrorCode, message: string, options: { answer?: Answer; cause?: unknown } = {}) {
    super(code, message, { cause: options.cause });
    this.name = 'ClusterError';
    this.status = options.answer?.status ?? null;
    this.retryAfterMs = options.answer?.retryAfterMs ?? null;
  }

  /** Whether asking the same again may help: no answer, too many requests, a server in trouble. */
  get isPassing(): boolean {
    return this.code === 'unavailable' && (this.status === null || this.status === 429 || this.status >= 500);
  }
}

/** An answer that is no 200, as an error that says what to do. `secret` stands in none of its words. */
export function answerError(answer: Answer, asked: Asked, secret: string | null): ClusterError {
  const [code, why] = meaningOf(answer.status, asked);
  const said = statusMessage(answer.body, secret);
  const words = `Cluster "${asked.cluster}" ${why}${said === '' ? '' : `; it says: ${said}`}`;
  return new ClusterError(code, words, { answer });
}

function meaningOf(status: number, { right }: Asked): readonly [PortErrorCode, string] {
  if (status === 401) return ['unavailable', 'does not accept the account that asks (401): look at its auth'];
  if (status === 403) return ['denied', `lacks a right for the account that asks (403): grant ${right}`];
  if (status === 404)
    return ['not-found', 'has no Kubernetes API at its endpoint (404): look at the endpoint'];
  if (status === 410) return ['unavailable', 'took its list of Jobs back while it was read (410)'];
  if (status === 429) return ['unavailable', 'has too much to do (429)'];
  if (status >= 500) return ['unavailable', `is in trouble (${status})`];
  if (status >= 300 && status < 400)
    return ['invalid', `points elsewhere (${status}), which is not followed: look at the endpoint`];
  return ['invalid', `does not understand what is asked (${status})`];
}

/** The `message` of a Kubernetes `Status`, on one short line; nothing of a body that is something else. */
function statusMessage(body: string, secret: string | null): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return '';
  }
  if (!isObject(value) || value.kind !== 'Status' || typeof value.message !== 'string') return '';
  const text = secret === null ? value.message : value.message.replaceAll(secret, '***');
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 300);
}

const NETWORK: Readonly<Record<string, string>> = {
  ENOTFOUND: 'has an endpoint whose name nobody knows',
  EAI_AGAIN: 'has an endpoint whose name cannot be looked up now',
  ECONNREFUSED: 'has nobody who listens at its endpoint',
  EHOSTUNREACH: 'has an endpoint to which no way leads',
  ENETUNREACH: 'has an endpoint to which no way leads',
  ETIMEDOUT: 'takes too long to answer',
};

/** A request without a whole answer, as an error. */
export function requestError(error: unknown, cluster: string, mostBytes: number): ClusterError {
  const name = `Cluster "${cluster}"`;
  if (error instanceof TooLarge) {
    const most = (mostBytes / 1024 / 1024).toFixed(1);
    return new ClusterError('invalid', `${name} answered with more than ${most} MB at once`);
  }
  if (error instanceof TooSlow) return new ClusterError('unavailable', `${name} takes too long to answer`);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words =
    NETWORK[code] ??
    (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)
      ? `has a certificate that is not trusted (${code}): name its authority with ca_file`
      : `broke off its answer${code === '' ? '' : ` (${code})`}`);
  return new ClusterError('unavailable', `${name} ${words}`, { cause: error });
}
