import { test } from 'vitest';

/**
 * Leaves one skipped test in the place of those that this machine cannot run, and a line on standard error that says
 * why: a reporter counts what is skipped, but does not name it.
 */
export function notRun(title: string, why: string): void {
  console.warn(`NOT RUN: ${title}: ${why}`);
  test.skip(`${title} (not run: ${why})`, () => {});
}
