import { type Random, random } from '../judge/random.ts';

/** Standard deviation of the noise, as a share of the level (alerting.md §1.3). */
export const NOISE = 0.015;
/** Share of runs that something spoils, and by how much of the level. */
const SPOILED = 0.02;
const SPOILED_BY = [0.05, 0.1] as const;
/** How long a drop lasts. */
export const LASTS = 60;

/** A drop for the worse: its first run, the first run after it, its size in standard deviations of the noise. */
export interface Drop {
  readonly from: number;
  readonly until: number;
  readonly size: number;
}

/** A year of nightly runs of one metric, higher is better. */
export interface SimulatedSeries {
  readonly values: readonly number[];
  readonly drop: Drop | null;
}

/** `size` null: nothing is wrong all year. */
export interface YearOptions {
  readonly series: number;
  readonly runs: number;
  readonly size: number | null;
  readonly seed: number;
}

/** Series of Gaussian noise around 1, some runs spoiled by 5 to 10 %, with a drop of 60 runs in the middle half. */
export function simulatedYear({ series, runs, size, seed }: YearOptions): SimulatedSeries[] {
  return Array.from({ length: series }, (_, index) => {
    const chance = random(seed * 100_003 + index);
    const from = chance.whole(Math.floor(runs / 4), Math.floor((3 * runs) / 4) - LASTS);
    const drop = size === null ? null : { from, until: from + LASTS, size };
    return { values: Array.from({ length: runs }, (_, run) => nightOf(run, drop, chance)), drop };
  });
}

function nightOf(run: number, drop: Drop | null, chance: Random): number {
  const noise = NOISE * chance.normal();
  const [least, most] = SPOILED_BY;
  const spoiled = chance.uniform() < SPOILED ? least + (most - least) * chance.uniform() : 0;
  const isIn = drop !== null && run >= drop.from && run < drop.until;
  return 1 + noise - spoiled - (isIn ? drop.size * NOISE : 0);
}
