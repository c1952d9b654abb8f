import { readSizes } from './sizes.ts';

/** What can be measured by itself with `--only`. */
export const NAMES = ['tick', 'backfill', 'replay', 'verdict', 'history', 'idle', 'help'] as const;
export type Name = (typeof NAMES)[number];

/** The sizes of everything that is measured. */
export interface Sizes {
  /** Finished runs that wait in the spool for one tick. */
  readonly runs: number;
  /** Scalars in the event file of a run. */
  readonly points: number;
  /** Lines of the backfill file. */
  readonly backfill: number;
  /** Rows of `metric_history` in the large database. */
  readonly rows: number;
  /** How often work that takes seconds is measured. */
  readonly repeat: number;
  /** How often a short command is started. */
  readonly starts: number;
  readonly only: readonly Name[];
}

const FULL = { runs: 1000, points: 60, backfill: 10_000, rows: 1_000_000, repeat: 5, starts: 15 };
/** For continuous integration: proves that everything runs, says nothing about speed. */
const TINY = { runs: 20, points: 60, backfill: 40, rows: 2000, repeat: 1, starts: 2 };

/** Reads the arguments; throws with a sentence. */
export function benchSizes(argv: readonly string[]): Sizes {
  const { sizes, only } = readSizes(argv, { full: FULL, tiny: TINY });
  return { ...sizes, only: (only ?? NAMES).map(nameOf) };
}

function nameOf(text: string): Name {
  const name = NAMES.find((known) => known === text);
  if (name === undefined) throw new Error(`Cannot measure only "${text}": wanted one of ${NAMES.join(', ')}`);
  return name;
}
