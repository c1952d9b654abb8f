import { PortError } from '../../shared/ports/error.ts';
import { UsageError } from '../errors.ts';
import { printable, type Terminal } from './io.ts';

const USAGE = 2;
const INTERNAL = 70;

/** Says what went wrong in words for people, and answers with the exit code (contracts §6). */
export function explain(error: unknown, { err, env }: Pick<Terminal, 'err' | 'env'>): number {
  if (isParserError(error)) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof UsageError) {
    err(`tidemark: ${printable(error.message)}\n`);
    return USAGE;
  }
  if (error instanceof PortError) {
    err(`tidemark: ${printable(error.message)}\n`);
    return error.retryable ? INTERNAL : USAGE;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  err(`tidemark: internal error: ${printable(message)}\n`);
  err(
    env.TIDEMARK_DEBUG ? `${stack}\n` : 'TIDEMARK_DEBUG=1 shows where; nothing that was recorded is lost.\n',
  );
  return INTERNAL;
}

/** Of commander, which has said it already; told by its code, since to load its class would load all of it. */
function isParserError(error: unknown): error is Error & { readonly exitCode: number } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}
