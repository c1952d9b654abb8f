import { namedArguments } from './arguments.ts';
import { explain } from './explain.ts';
import { processTerminal, type Terminal } from './io.ts';
import { program } from './program.ts';

/** Commands after which somebody who does not answer may still hold the event loop. */
const MAY_HANG = new Set(['run', 'publish', 'flush', 'doctor', 'verdict']);

const words = process.argv.slice(2);
if (words[0] !== 'read' || !(await import('./quick-read.ts')).quickRead(words))
  await main(words, processTerminal());

async function main(argv: readonly string[], terminal: Terminal): Promise<void> {
  // A reader that closes the pipe early, such as `head`, has seen enough; what the command does goes on, and
  // so does what its exit code says.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  let code = 0;
  try {
    await program(terminal, (answer, command) => {
      code = answer;
      if (MAY_HANG.has(command)) process.exit(code);
    }).parseAsync(namedArguments(argv), { from: 'user' });
  } catch (error) {
    code = explain(error, terminal);
  }
  process.exitCode = code;
}
