import type { Run } from '../core/run.ts';
import type { RunEvent } from '../core/run-event.ts';

/** Inferences that an earlier tick made of this run, in the words of `inferenceId`. */
export function inferencesOf(run: Run, events: readonly RunEvent[]): Set<string> {
  const prefix = `outcome/${run.runId}/`;
  return new Set(
    events
      .filter(({ kind, id, body }) => kind === 'outcome' && id.startsWith(prefix) && isInferred(body))
      .map(({ id }) => id.slice(prefix.length)),
  );
}

function isInferred(body: string): boolean {
  return (JSON.parse(body) as { reason: string }).reason !== 'reported';
}
