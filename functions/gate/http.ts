/** What is asked over HTTP, whoever took it in. */
export interface GateRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** What is answered; `body` is sent as it is. */
export interface GateResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer other than a verdict: one sentence of ours, which holds no path and no stack. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.headers = headers;
  }
}

/** JSON that nobody keeps without asking whether it still holds. */
export function jsonAnswer(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): GateResponse {
  const fixed = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  };
  return { status, headers: { ...fixed, ...headers }, body: `${JSON.stringify(value)}\n` };
}

/** One header; null where it is not there or came more than once. */
export function headerOf({ headers }: GateRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}
