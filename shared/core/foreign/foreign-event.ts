import type { FinishedData, MetricsData, StartedData } from '../schema/message.ts';

/** What an event of another system's format says of a run, in the words of our own events. */
export interface ForeignEvent {
  /** `metrics` is one that says no more than that the run is there. */
  readonly kind: 'started' | 'finished' | 'metrics';
  readonly source: string;
  /** With `source` it tells a second delivery. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly data: (StartedData | FinishedData | MetricsData) & { readonly test_name: string };
}

/** An event, or a sentence that says where in it something else was wanted. */
export type ForeignResult =
  | { readonly event: ForeignEvent }
  | { readonly reason: 'shape' | 'identity'; readonly problem: string };

/** Words of others are cut: a log that somebody put there belongs in a file. */
const LONGEST_MESSAGE = 10_000;

/** A text of another system as the sentence of an end; null where there is none. */
export function messageOf(text: unknown): string | null {
  return typeof text === 'string' && text.trim() !== '' ? text.trim().slice(0, LONGEST_MESSAGE) : null;
}
