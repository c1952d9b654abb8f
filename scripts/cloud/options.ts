import { parseArgs } from 'node:util';

/** What a run of the cloud tests is asked for. */
export interface CloudOptions {
  readonly mode: 'test' | 'list' | 'serve' | 'help';
  /** Names of stand-ins; the others are left out. Null: all. */
  readonly only: readonly string[] | null;
  /** For vitest: paths and its own options. */
  readonly testArguments: readonly string[];
}

export const USAGE = `npm run test:cloud -- [options] [--] [paths and options of vitest]

  --only NAMES   only these stand-ins, with commas between; tests that need others are skipped
  --serve        start the stand-ins, print the environment for tests, go on until Ctrl-C
  --list         say which stand-ins there are, what they need, and what is in the cache
  --help         this text

  npm run test:cloud -- --only gcs shared/adapters/gcs
  npm run test:cloud -- --only pubsub,gcs -- shared/adapters -t lease`;

/** Reads the words behind `npm run test:cloud --`. Throws one sentence at a mistake. */
export function cloudOptions(words: readonly string[], names: readonly string[]): CloudOptions {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      list: { type: 'boolean' },
      serve: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const only = values.only?.flatMap((text) => text.split(',')).filter((name) => name !== '') ?? null;
  const unknown = only?.filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`Cannot run only ${unknown.join(', ')}: the stand-ins are ${names.join(', ')}`);
  }
  const mode = values.help ? 'help' : values.list ? 'list' : values.serve ? 'serve' : 'test';
  return { mode, only, testArguments: positionals };
}
