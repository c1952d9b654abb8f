import measured from './measured.json' with { type: 'json' };
import type { Random } from './random.ts';

/** A quiet series: `values` around `level`, whose ordinary standard deviation is `sd`. NaN marks a gap. */
export interface Quiet {
  readonly values: Float64Array;
  readonly sd: number;
  /** Rounds a changed value as the family's own values are rounded. */
  readonly shape: (value: number) => number;
}

type Family = (random: Random, n: number) => Quiet;

const same = (value: number) => value;

function scaled(random: Random, n: number, next: () => number): Quiet {
  const level = random.pick([0, 1, -5, 40, 0.7, 2400]);
  const sd = Math.max(Math.abs(level), 1) * 10 ** (-0.7 - 1.8 * random.uniform());
  return { values: Float64Array.from({ length: n }, () => level + sd * next()), sd, shape: same };
}

/** Autoregressive of order 1 with standard deviation 1; `draw` gives innovations of standard deviation 1. */
function autoregressive(phi: number, draw: () => number): () => number {
  let last = draw();
  return () => {
    const value = last;
    last = phi * last + Math.sqrt(1 - phi * phi) * draw();
    return value;
  };
}

function bimodal(random: Random, n: number): Quiet {
  const share = 0.15 + 0.35 * random.uniform();
  const apart = 2 + 3 * random.uniform();
  const sd = Math.sqrt(1 + share * (1 - share) * apart ** 2);
  return scaled(random, n, () => {
    const mode = random.uniform() < share ? apart : 0;
    return (mode - share * apart + random.normal()) / sd;
  });
}

/** Hosts that stay for a while: the mode is kept with probability `stay`. */
function sticky(random: Random, n: number): Quiet {
  const stay = 0.5 + 0.25 * random.uniform();
  const apart = 1.5 + 1.5 * random.uniform();
  let mode = 0;
  return scaled(random, n, () => {
    if (random.uniform() > stay) mode = random.uniform() < 0.4 ? apart : 0;
    return (mode - 0.4 * apart + random.normal()) / Math.sqrt(1 + 0.24 * apart ** 2);
  });
}

function logNormal(random: Random, n: number): Quiet {
  const sigma = 0.05 + 0.45 * random.uniform();
  const scale = 10 ** (4 * random.uniform());
  const values = Float64Array.from({ length: n }, () => scale * Math.exp(sigma * random.normal()));
  const sd = scale * Math.exp(sigma ** 2 / 2) * Math.sqrt(Math.exp(sigma ** 2) - 1);
  return { values, sd, shape: same };
}

/** Shares of a test set: the ordinary spread is 0.5 to 3 of its steps. */
function quantized(random: Random, n: number): Quiet {
  const step = 1 / random.pick([50, 100, 360, 1000, 10_000]);
  const sd = step * (0.5 + 2.5 * random.uniform());
  const level = Math.min(0.98 - 4 * sd, 0.8 + 0.15 * random.uniform());
  const shape = (value: number) => Math.round(value / step) * step;
  const values = Float64Array.from({ length: n }, () => shape(level + sd * random.normal()));
  return { values, sd: Math.sqrt(sd ** 2 + step ** 2 / 12), shape };
}

function spiky(random: Random, n: number): Quiet {
  const share = 0.01 + 0.02 * random.uniform();
  const side = random.pick([1, -1, 0]);
  return scaled(random, n, () => {
    if (random.uniform() > share) return random.normal();
    return (5 + 15 * random.uniform()) * (side === 0 ? random.pick([1, -1]) : side);
  });
}

function gaps(random: Random, n: number): Quiet {
  const quiet = scaled(random, n, random.normal);
  for (let i = 0; i < n; i++) {
    const dice = random.uniform();
    if (dice < 0.06) quiet.values[i] = dice < 0.015 ? Number.POSITIVE_INFINITY : Number.NaN;
  }
  return quiet;
}

/** A slow wander of the machine beside its noise, as in the histories of shared runners. */
function wandering(random: Random, n: number): Quiet {
  const slow = autoregressive(0.9, random.normal);
  const share = 0.15 + 0.2 * random.uniform();
  return scaled(random, n, () => Math.sqrt(share) * slow() + Math.sqrt(1 - share) * random.normal());
}

/** The spread itself changes from night to night, and keeps some of it (log variance is AR(1)). */
function restless(random: Random, n: number): Quiet {
  const heat = autoregressive(0.8, random.normal);
  const deep = 0.3 + 0.4 * random.uniform();
  return scaled(random, n, () => (random.normal() * Math.exp(deep * heat())) / Math.exp(deep ** 2));
}

/** Spells of one to three bad nights, as a machine with a bad neighbour has them. */
function bursts(random: Random, n: number): Quiet {
  const share = 0.005 + 0.012 * random.uniform();
  let left = 0;
  let size = 0;
  return scaled(random, n, () => {
    if (left === 0 && random.uniform() < share) {
      left = random.whole(1, 3);
      size = (3 + 12 * random.uniform()) * random.pick([1, 1, -1]);
    }
    const value = random.normal() + (left > 0 ? size * (0.5 + 0.5 * random.uniform()) : 0);
    left = Math.max(0, left - 1);
    return value;
  });
}

/** Blocks of 10 to 30 nights that differ a little in level and in spread, with heavy tails inside. */
function blocks(random: Random, n: number): Quiet {
  const apart = 0.15 + 0.35 * random.uniform();
  let left = 0;
  let level = 0;
  let spread = 1;
  return scaled(random, n, () => {
    if (left-- <= 0) {
      left = random.whole(10, 30);
      level = apart * random.normal();
      spread = Math.exp(0.3 * random.normal());
    }
    return (level + (spread * random.student(4)) / Math.SQRT2) / Math.sqrt(1.2 + apart ** 2);
  });
}

function correlatedTails(random: Random, n: number): Quiet {
  return scaled(
    random,
    n,
    autoregressive(0.4, () => random.student(3) / Math.sqrt(3)),
  );
}

/** Between two uniform numbers' logs: heavier than normal on both sides, with some memory. */
function laplace(random: Random, n: number): Quiet {
  const draw = () => Math.log((1 - random.uniform()) / (1 - random.uniform())) / Math.SQRT2;
  return scaled(random, n, autoregressive(0.4 * random.uniform(), draw));
}

function skewed(random: Random, n: number): Quiet {
  const side = random.pick([1, 1, -1]);
  const draw = () => -Math.log(1 - random.uniform()) - Math.log(1 - random.uniform());
  return scaled(random, n, () => (side * (draw() - 2)) / Math.SQRT2);
}

/** Blocks of 5 to 25 neighbours of a real history, so that its short memory and its spells stay. */
function resampled(history: readonly number[]): Family {
  return (random, n) => {
    let at = 0;
    let left = 0;
    return scaled(random, n, () => {
      if (left-- <= 0) {
        left = random.whole(4, 24);
        at = random.whole(0, history.length - left - 1);
      }
      return history[at++]!;
    });
  };
}

/** What the rule was tuned on. */
export const TUNED: Readonly<Record<string, Family>> = {
  gaussian: (random, n) => scaled(random, n, random.normal),
  student3: (random, n) => scaled(random, n, () => random.student(3) / Math.sqrt(3)),
  'log-normal': logNormal,
  'AR(.3)': (random, n) => scaled(random, n, autoregressive(0.3, random.normal)),
  'AR(.6)': (random, n) => scaled(random, n, autoregressive(0.6, random.normal)),
  bimodal,
  quantized,
  'spikes 2 %': spiky,
  gaps,
  wandering,
  restless,
  bursts,
  blocks,
  'AR(.4) student3': correlatedTails,
  'measured: json': resampled(measured.json3),
  'measured: sort': resampled(measured.sort3),
  'measured: spawn': resampled(measured.spawn3),
};

/** What it was never tuned on. */
export const UNSEEN: Readonly<Record<string, Family>> = {
  laplace,
  skewed,
  'sticky modes': sticky,
  'measured: sha': resampled(measured.sha3),
  'measured: gzip': resampled(measured.gzip3),
  tigerbeetle: resampled(measured.tigerbeetle),
};

/** Series on which nothing may ever be alerted. */
export const FLAT: Readonly<Record<string, Family>> = {
  constant: (random, n) => {
    const value = random.pick([0, 1, 0.9731, -3, 240, 1e-7]);
    return { values: new Float64Array(n).fill(value), sd: Math.abs(value) / 100 || 1, shape: same };
  },
  'last digit': (random, n) => {
    const digit = random.pick([1e-3, 1e-4, 1e-6]);
    const share = 0.02 + 0.48 * random.uniform();
    const level = random.pick([0.95, 12.5, 240]);
    const next = () => level + (random.uniform() < share ? digit * random.pick([-1, 1]) : 0);
    const shape = (value: number) => Math.round(value / digit) * digit;
    return { values: Float64Array.from({ length: n }, () => shape(next())), sd: digit, shape };
  },
  'rare counts': (random, n) => {
    const mean = 0.02 + 0.13 * random.uniform();
    return { values: Float64Array.from({ length: n }, () => random.poisson(mean)), sd: 1, shape: Math.round };
  },
};
