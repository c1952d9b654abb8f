import { appendFileSync } from 'node:fs';
import { test } from 'vitest';

/**
 * Leaves one skipped test in the place of those that this machine cannot run, and a line that says why, which `npm
 * test` repeats at its end: a reporter counts what is skipped, but does not name it.
 */
export function notRun(title: string, why: string): void {
  tellNotRun(title, why);
  test.skip(`${title} (not run: ${why})`, () => {});
}

/** The line alone, for a test that skips itself. */
export function tellNotRun(title: string, why: string): void {
  const line = `NOT RUN: ${title}: ${why}`;
  const file = process.env.TIDEMARK_TEST_NOT_RUN;
  if (file === undefined) console.warn(line);
  else appendFileSync(file, `${line}\n`);
}
