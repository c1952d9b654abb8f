import { readSizes } from '../sizes.ts';

/** The sizes of what `npm run bench -- cloud` measures. */
export interface CloudSizes {
  /** Finished runs that wait for one tick; as many others have not ended. */
  readonly runs: number;
  /** Rows of `metric_history` that the bytes on the bill are worked out for. */
  readonly rows: number;
  /** How often a stage is made and its ticks are measured. */
  readonly repeat: number;
  /** How often each kind of process is started. */
  readonly starts: number;
}

const FULL = { runs: 1000, rows: 1_000_000, repeat: 1, starts: 7 };
/** For the cloud tests: proves that everything runs, says nothing about speed. */
const TINY = { runs: 8, rows: 1_000_000, repeat: 1, starts: 1 };

/** Reads what stands behind `cloud`; throws with a sentence. */
export function readCloudSizes(argv: readonly string[]): CloudSizes {
  return readSizes(argv, { full: FULL, tiny: TINY }).sizes;
}
