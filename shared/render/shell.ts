import { isPlain } from './plain.ts';

/** What every POSIX shell takes as it is. */
const BARE = /^[A-Za-z0-9_./:@%+,=-]+$/;

/**
 * A word as a person can paste it into a shell and get exactly this text. Characters that a mail program or a
 * terminal would not show become escapes inside `$'…'`, which bash, zsh, ksh and busybox read.
 */
export function shellWord(text: string): string {
  if (BARE.test(text)) return text;
  if (isPlain(text)) return `'${text.replaceAll("'", String.raw`'\''`)}'`;
  return `$'${[...text.toWellFormed()].map(escaped).join('')}'`;
}

function escaped(character: string): string {
  if (character === '\n') return String.raw`\n`;
  if (character === "'" || character === '\\') return `\\${character}`;
  if (isPlain(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** `command word word`, with `--` before a positional argument that would look like an option. */
export function shellCommand(
  command: string,
  argument: string,
  options: { readonly metric?: string } = {},
): string {
  const { metric } = options;
  const dashed = argument.startsWith('-');
  const option =
    metric === undefined
      ? []
      : metric.startsWith('-')
        ? [`--metric=${shellWord(metric)}`]
        : ['--metric', shellWord(metric)];
  const words = dashed ? [...option, '--', shellWord(argument)] : [shellWord(argument), ...option];
  return [command, ...words].join(' ');
}
