import { explain } from './explain.ts';
import { writeError } from './io.ts';
import { printer } from './print.ts';
import { read } from './read.ts';
import { readWords } from './read-words.ts';

/**
 * Does what `tidemark read` does where its words are plain, without loading any other command: a small file is then
 * read in little more time than Node takes to start. `argv` is what stands behind `tidemark`. False, with nothing
 * done, when it is for the full command line.
 */
export function quickRead(argv: readonly string[]): boolean {
  const words = argv[0] === 'read' ? readWords(argv.slice(1)) : null;
  if (words === null) return false;
  const io = { out: printer(), err: writeError };
  read(words.paths, words.options, io)
    .catch((error: unknown) => explain(error, { ...io, env: process.env }))
    .then((code) => {
      process.exitCode = code;
    });
  return true;
}
