import { createHash, timingSafeEqual } from 'node:crypto';
import { globMatcher } from '../../shared/core/glob.ts';
import type { GateConfig } from '../../shared/core/schema/gate.ts';
import { type GateRequest, headerOf, Refusal } from './http.ts';

/** Who asks: which tests he may ask about. */
export interface Caller {
  readonly mayAsk: (testName: string) => boolean;
}

/** Tells callers by their tokens; throws Refusal 401. */
export type Guard = (request: GateRequest) => Caller;

const MOST_TOKEN = 4096;

/** A guard that knows tokens by their digests alone. Every digest is compared, and whole, whatever matched before. */
export function guardOf(tokens: NonNullable<GateConfig['tokens']>): Guard {
  const known = tokens.map(({ sha256, tests }) => ({
    digest: Buffer.from(sha256, 'hex'),
    matches: tests.map(globMatcher),
  }));
  return (request) => {
    const [, token] = /^Bearer +([^\s]+) *$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
    if (token === undefined || token.length > MOST_TOKEN) throw unauthorised();
    const digest = createHash('sha256').update(token).digest();
    const found = known.filter((one) => timingSafeEqual(one.digest, digest));
    if (found.length === 0) throw unauthorised();
    return { mayAsk: (testName) => found.some(({ matches }) => matches.some((match) => match(testName))) };
  };
}

function unauthorised(): Refusal {
  return new Refusal(401, 'This needs a token that is known here: Authorization: Bearer TOKEN', {
    'www-authenticate': 'Bearer',
  });
}
