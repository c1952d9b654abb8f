import { FLAT, type Quiet, TUNED, UNSEEN } from './noise.ts';
import { type Random, random } from './random.ts';

export const KINDS = [
  'none',
  'step 1',
  'step 2',
  'step 3',
  'step 5',
  'excursion',
  'drift',
  'lone',
  'variance',
  'improvement',
] as const;
export type Kind = (typeof KINDS)[number];

/** One series with what was done to it. Null is a gap, NaN a reported NaN. */
export interface Case {
  readonly family: string;
  readonly kind: Kind;
  readonly values: readonly (number | null)[];
  readonly higherIsBetter: boolean;
  /** First changed run, −1 without a change. */
  readonly start: number;
  /** First run that is as before again; the length of the series where it stays changed. */
  readonly end: number;
}

/** How often each kind is made: of 40. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  none: 16,
  'step 1': 2,
  'step 2': 4,
  'step 3': 4,
  'step 5': 4,
  excursion: 2,
  drift: 3,
  lone: 2,
  variance: 1,
  improvement: 2,
};
const DECK = KINDS.flatMap((kind) => new Array<Kind>(WEIGHTS[kind]).fill(kind));

export interface SuiteOptions {
  readonly seed: number;
  /** Times 40 series of each family. */
  readonly decks: number;
  readonly families: 'tuned' | 'unseen' | 'flat';
}

const FAMILIES = { tuned: TUNED, unseen: UNSEEN, flat: FLAT };

/** A mixed suite of the kind of the published comparison: every family with every kind of change. */
export function suite({ seed, decks, families }: SuiteOptions): Case[] {
  const chance = random(seed);
  return Object.entries(FAMILIES[families]).flatMap(([family, make]) =>
    Array.from({ length: decks }, () =>
      (families === 'flat' ? DECK.map((): Kind => 'none') : DECK).map((kind) => {
        // 30 to 400 runs, short histories as common as long ones on a log scale.
        const n = Math.max(kind === 'drift' ? 80 : 30, Math.round(30 * (400 / 30) ** chance.uniform()));
        return changed(make(chance, n), { family, kind, chance });
      }),
    ).flat(),
  );
}

function changed(
  quiet: Quiet,
  { family, kind, chance }: { family: string; kind: Kind; chance: Random },
): Case {
  const { values } = quiet;
  const n = values.length;
  const higherIsBetter = family === 'log-normal' ? false : chance.uniform() < 0.5;
  const worse = higherIsBetter ? -1 : 1;
  const room = kind === 'drift' ? 40 : 10;
  const start = kind === 'none' ? -1 : chance.whole(Math.min(10, n - room), Math.max(11, n - room));
  const end = kind === 'excursion' ? start + chance.whole(5, 8) : kind === 'lone' ? start + 1 : n;
  const shift = shiftOf(kind, chance);
  const centre = values.reduce((sum, value) => sum + (Number.isFinite(value) ? value / n : 0), 0);
  for (let i = Math.max(0, start); start >= 0 && i < Math.min(end, n); i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (kind === 'variance') values[i] = centre + 2 * (value - centre);
    else values[i] = quiet.shape(value + worse * quiet.sd * shift(i - start));
  }
  return { family, kind, values: Array.from(values, told), higherIsBetter, start, end: Math.min(end, n) };
}

/** In the noise NaN is a gap and infinity a reported NaN. */
function told(value: number): number | null {
  if (Number.isNaN(value)) return null;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** By how many ordinary standard deviations a run is worse, by its distance from the first changed one. */
function shiftOf(kind: Kind, chance: Random): (runs: number) => number {
  if (kind.startsWith('step')) return () => Number(kind.slice(5));
  if (kind === 'drift') {
    const over = chance.whole(35, 50);
    return (runs) => 4 * Math.min(1, (runs + 1) / over);
  }
  const size = kind === 'lone' ? 5 + 15 * chance.uniform() : 3 + 2 * chance.uniform();
  return () => (kind === 'improvement' ? -size : size);
}
