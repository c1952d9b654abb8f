import { CommanderError } from 'commander';
import { PortError } from '../../shared/ports/error.ts';
import { UsageError } from '../errors.ts';
import { namedArguments } from './arguments.ts';
import { processTerminal, type Terminal } from './io.ts';
import { program } from './program.ts';

const USAGE = 2;
const INTERNAL = 70;

/** Commands after which a queue that hangs may still hold the event loop. */
const MAY_HANG = new Set(['run', 'publish', 'flush']);

await main(process.argv.slice(2), processTerminal());

async function main(argv: readonly string[], terminal: Terminal): Promise<void> {
  // A reader that closes the pipe early, such as `head`, has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  let code = 0;
  try {
    await program(terminal, (answer) => {
      code = answer;
    }).parseAsync(namedArguments(argv), { from: 'user' });
  } catch (error) {
    code = explain(error, terminal);
  }
  process.exitCode = code;
  if (argv.some((word) => MAY_HANG.has(word))) process.exit(code);
}

/** Says what went wrong in words for people, and answers with the exit code (contracts §6). */
function explain(error: unknown, { err, env }: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  if (error instanceof UsageError) {
    err(`tidemark: ${error.message}\n`);
    return USAGE;
  }
  if (error instanceof PortError) {
    err(`tidemark: ${error.message}\n`);
    return error.retryable ? INTERNAL : USAGE;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  err(`tidemark: internal error: ${message}\n`);
  err(
    env.TIDEMARK_DEBUG ? `${stack}\n` : 'TIDEMARK_DEBUG=1 shows where; nothing that was recorded is lost.\n',
  );
  return INTERNAL;
}
