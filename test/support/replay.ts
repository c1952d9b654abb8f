/** A command of a console fence and the output that the page shows for it. */
export interface Shown {
  readonly command: string;
  readonly output: readonly string[];
}

/** Splits a console fence: `$ ` starts a command, a trailing backslash continues it, the rest is its output. */
export function readConsole(text: string): Shown[] {
  const shown: { command: string; output: string[] }[] = [];
  for (const line of text.split('\n')) {
    const last = shown.at(-1);
    if (line.startsWith('$ ')) shown.push({ command: line.slice(2), output: [] });
    else if (last === undefined) throw new Error(`a console fence starts with "$ ", this one with "${line}"`);
    else if (last.output.length === 0 && last.command.endsWith('\\')) last.command += `\n${line}`;
    else last.output.push(line);
  }
  return shown.map(({ command, output }) => ({
    command,
    output: output.filter((line) => line.trim() !== ''),
  }));
}

/**
 * The first shown line that the real output does not have, null if it has them all in this order. `…` stands
 * for any text within a line, alone on a line for any lines; output that is not shown is no fault.
 */
export function firstAbsent(shown: readonly string[], output: string): string | null {
  const lines = output.split('\n').map((line) => line.trimEnd());
  let from = 0;
  for (const line of shown) {
    if (line.trim() === '…') continue;
    const pattern = new RegExp(`^${line.trimEnd().split('…').map(RegExp.escape).join('.*')}$`);
    const at = lines.findIndex((candidate, index) => index >= from && pattern.test(candidate));
    if (at < 0) return line;
    from = at + 1;
  }
  return null;
}

// The unit separator, which no program of ours prints, cuts what the shell says into pieces.
const MARK = '\u001f';

/** A shell script that runs the commands one after the other, each followed by its exit code between marks. */
export function consoleScript(commands: readonly string[]): string {
  // The subshell gives `$?` back to the next command, so that `echo $?` says what a reader would see.
  const one = (command: string) =>
    `${command}\n__status=$?; printf '${MARK}%s${MARK}' "$__status"; (exit "$__status")\n`;
  return `exec 2>&1\n${commands.map(one).join('')}`;
}

/** What each command of a console script printed and how it ended. */
export function cutOutput(output: string): { text: string; code: number }[] {
  const pieces = output.split(MARK);
  return Array.from({ length: Math.floor(pieces.length / 2) }, (_, index) => ({
    text: pieces[2 * index] ?? '',
    code: Number(pieces[2 * index + 1]),
  }));
}
