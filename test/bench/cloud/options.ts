import { parseArgs } from 'node:util';

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

const FULL: CloudSizes = { runs: 1000, rows: 1_000_000, repeat: 1, starts: 7 };
/** For the cloud tests: proves that everything runs, says nothing about speed. */
const TINY: CloudSizes = { runs: 8, rows: 1_000_000, repeat: 1, starts: 1 };

const NAMES = ['runs', 'rows', 'repeat', 'starts'] as const;

/** Reads what stands behind `cloud`; throws with a sentence. */
export function readCloudSizes(argv: readonly string[]): CloudSizes {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: 'string' },
      rows: { type: 'string' },
      repeat: { type: 'string' },
      starts: { type: 'string' },
      tiny: { type: 'boolean' },
    },
  });
  const sizes: Record<(typeof NAMES)[number], number> = { ...(values.tiny ? TINY : FULL) };
  for (const name of NAMES) {
    const given = values[name];
    if (given === undefined) continue;
    const size = Number(given);
    if (!Number.isInteger(size) || size < 1) {
      throw new Error(`Cannot read --${name} "${given}": wanted a whole number above 0`);
    }
    sizes[name] = size;
  }
  return sizes;
}
