import { structuredLog } from '../../shared/adapters/log/structured.ts';
import type { Log } from '../../shared/ports/log.ts';
import { clockAt } from '../clock.ts';
import { type Environment, loadSetup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { handleGate } from './handler.ts';
import { type GateRequest, type GateResponse, jsonAnswer } from './http.ts';
import { type GateSession, openSession } from './session.ts';

/** The gate as a function of a cloud: what is open stays so between requests. */
export function gateFunction(env: Environment, write: (line: string) => void) {
  const log = structuredLog(write, {}, { service: 'tidemark-gate' });
  let session: Promise<GateSession> | null = null;
  return async (request: GateRequest): Promise<GateResponse> => {
    session ??= loadSetup({}, env).then((setup) =>
      openSession(setup, { env, clock: clockAt(env.TIDEMARK_NOW), log }),
    );
    try {
      return handleGate(request, (await session).deps);
    } catch (error) {
      // A config that is broken now may be right in the next instance, or at the next request.
      session = null;
      return notOpen(error, log);
    }
  };
}

function notOpen(error: unknown, log: Log): GateResponse {
  const { message } = error as Error;
  const fields = error instanceof UsageError ? {} : { error };
  log.error(`The gate cannot open: ${message}`, { event: 'gate_failed', ...fields });
  return jsonAnswer(500, { error: 'The gate is not set up; its log says why' });
}
