import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NIGHTLY } from './cli.ts';
import { ROOT } from './repository.ts';

/** The config that judges the bundled runs by the recommended rule. */
export const NIGHTLY_AUTO = join(ROOT, 'test/fixtures/judging/nightly-auto.yaml');

/** What was done to the bundled runs; `Change` is as much of an entry as is asked for. */
export function nightlyChanges<Change>(): readonly Change[] {
  return (JSON.parse(readFileSync(join(NIGHTLY, 'truth.json'), 'utf8')) as { changes: Change[] }).changes;
}

/** The bundled runs in the order of their file. */
export function nightlyRuns(): readonly { readonly test_name: string; readonly job_name: string }[] {
  const lines = readFileSync(join(NIGHTLY, 'runs.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}
