import { isObject } from './json.ts';
import type { Outcome } from './outcome.ts';
import type { RunEvent } from './run-event.ts';
import { compareText } from './text-order.ts';

/** How a run ended, as whoever told it says; null where nobody does. */
export interface RunEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** A word for machines. */
  readonly reason: string | null;
  /** A sentence for people. */
  readonly message: string | null;
  readonly host: string | null;
  /** Web pages, in the order in which they were named. */
  readonly links: readonly string[];
}

/** Of one run, by what its events say: of its newest attempt, and of several ends those with the outcome that counts. */
export function runEndOf(
  events: readonly RunEvent[],
  {
    runId,
    attempt,
    outcome,
  }: { readonly runId: string; readonly attempt: number; readonly outcome: Outcome | null },
): RunEnd {
  const said = events
    .filter(({ kind }) => ['expected', 'started', 'finished', 'v1'].includes(kind))
    .sort((a, b) => a.time - b.time || compareText(a.source, b.source) || compareText(a.id, b.id))
    .map(({ kind, body }) => ({ kind, data: JSON.parse(body) as Readonly<Record<string, unknown>> }))
    .filter(({ kind, data }) => kind === 'v1' || (data.run_id === runId && (data.attempt ?? 1) === attempt));
  const ends = said.filter(({ kind, data }) => kind === 'finished' && data.outcome === outcome);
  const last = (name: string, from = ends) =>
    from.map(({ data }) => data[name] ?? null).findLast((value) => value !== null && value !== '') ?? null;
  const text = (value: unknown) => (value === null ? null : String(value));
  return {
    exitCode: last('exit_code') as number | null,
    signal: text(last('signal')),
    reason: text(last('reason')),
    message: text(last('message')) ?? text(outcome === 'missed' ? last('hint', said) : null),
    host: text(last('host', said)),
    links: [...new Set(said.flatMap(({ data }) => linksIn(data)))],
  };
}

function linksIn({ links, logs_link: logs, workload_link: workload }: Readonly<Record<string, unknown>>) {
  const named = (Array.isArray(links) ? links : []).map((one) => (isObject(one) ? one.url : one));
  return [...named, logs, workload].filter(
    (link): link is string => typeof link === 'string' && /^https?:\/\/\S+$/.test(link),
  );
}
