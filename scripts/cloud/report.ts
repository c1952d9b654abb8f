/** How a step of the run went. `could not run`: this machine lacks a tool; `left out`: nobody asked for it. */
export type Outcome = 'passed' | 'FAILED' | 'could not run' | 'left out';

/** One line of the summary. */
export interface Step {
  readonly name: string;
  readonly version: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  /** How a stand-in came, or why it did not. */
  readonly words: string;
}

/**
 * The lines at the end of a run: a table, then the count. In CI nothing may be missing: there, what could
 * not run counts as failed.
 */
export function summary(
  steps: readonly Step[],
  isCi: boolean,
): { readonly lines: readonly string[]; readonly ok: boolean } {
  const width = (of: 'name' | 'version') => Math.max(...steps.map((step) => step[of].length));
  const [names, versions] = [width('name'), width('version')];
  const rows = steps.map(({ name, version, outcome, seconds, words }) =>
    `${outcome.padEnd(13)} ${seconds.toFixed(1).padStart(6)} s  ${name.padEnd(names)}  ${version.padEnd(versions)}  ${words}`.trimEnd(),
  );
  const count = (outcome: Outcome) => steps.filter((step) => step.outcome === outcome).length;
  const missing = count('could not run');
  const failed = count('FAILED') + (isCi ? missing : 0);
  const absent = steps.flatMap(({ name, outcome, words }) =>
    outcome === 'could not run' ? [`No ${name}, so its tests were skipped: ${words}`] : [],
  );
  const rest = missing === 0 ? '' : isCi ? ` (${missing} could not run)` : `, ${missing} could not run`;
  return {
    lines: [...rows, ...absent, `${count('passed')} passed, ${failed} failed${rest}`],
    ok: failed === 0,
  };
}

/** The first line of an error's message, for a table; the whole of it stands above. */
export function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
}
