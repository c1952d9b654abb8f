import { namesIn } from './expansion.ts';

const FLAG = /^--model[_-]dir(?:=(.*))?$/s;

/**
 * The place that a command's own `--model_dir=PLACE` or `--model_dir PLACE` names, as written; null where it
 * names none, or only says `$(MODEL_DIR)` again. The last one counts, as for most programs.
 */
export function commandModelDir(command: readonly string[]): string | null {
  let found: string | null = null;
  for (const [index, word] of command.entries()) {
    const match = FLAG.exec(word);
    if (match === null) continue;
    const value = match[1] ?? command[index + 1] ?? '';
    found = value === '' || namesIn(value).includes('MODEL_DIR') ? null : value;
  }
  return found;
}
