import type { ReadOptions } from './read.ts';

/** What a plain command line of `read` asks for. */
export interface ReadWords {
  readonly paths: string[];
  readonly options: ReadOptions;
}

const SWITCHES: ReadonlySet<string> = new Set(['json', 'csv', 'points', 'strict']);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  restart: ['preempt', 'session', 'keep'],
  duplicates: ['last', 'first', 'all', 'mean'],
  verify: ['full', 'parsed', 'length'],
};

/**
 * Understands the words behind `read` where they are plain: local paths, and flags of `read` in their long form. Null
 * for all else (help, settings, mistakes, objects in a store), which is for the full parser, whose loading takes as
 * long as reading 10 MB; on what is plain both agree, as a test has it.
 */
export function readWords(words: readonly string[]): ReadWords | null {
  const paths: string[] = [];
  const options: Record<string, string | true> = {};
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const name = word.slice(2);
    if (!word.startsWith('-')) paths.push(word);
    else if (!word.startsWith('--')) return null;
    else if (SWITCHES.has(name)) options[name] = true;
    else {
      const value = words[++at];
      if (value === undefined || value.startsWith('-') || !takes(name, value)) return null;
      options[name] = value;
    }
  }
  return paths.length === 0 || paths.some(isObject) ? null : { paths, options };
}

function takes(name: string, value: string): boolean {
  return name === 'tag' || (Object.hasOwn(CHOICES, name) && CHOICES[name]!.includes(value));
}

/** Whether a path is a place in a store of objects, or means one. */
export function isObject(path: string): boolean {
  return /^(?:gs|s3):/i.test(path);
}
