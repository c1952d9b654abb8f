import type { RunPoint, Signal } from '../../shared/core/episodes/episode.ts';
import type { Sight } from '../../shared/core/episodes/sight.ts';

const DAY = 24 * 3_600_000;
export const FIRST_NIGHT = Date.UTC(2026, 7, 1, 3);

/** When night `index` ends, in milliseconds since the epoch. */
export function night(index: number): number {
  return FIRST_NIGHT + index * DAY;
}

/** The run of night `index` as an episode remembers it. */
export function runPoint(index: number, value: number | null = 1): RunPoint {
  return {
    uuid: `uuid-${index}`,
    runId: `run-${String(index).padStart(3, '0')}`,
    at: night(index),
    outcome: 'success',
    value,
    valueKind: value === null ? 'missing' : 'finite',
    facts: { image: `image-${index}` },
  };
}

/** A sight of night `index`: a classic condition on a metric that is held against 10 ± 3, of 30 runs. */
export function sight(
  index: number,
  changed: Partial<Sight> & { readonly value?: number | null } = {},
): Sight {
  const { value = 10, ...rest } = changed;
  return {
    from: 'run',
    testName: 'resnet',
    signal: 'metric:loss_final' as Signal,
    polarity: 'bad',
    run: runPoint(index, value),
    at: night(index),
    says: 'good',
    judge: null,
    instant: false,
    confirmAfter: 1,
    recoverAfter: 2,
    reason: '',
    severity: 'warning',
    bounds: { lower: 7, upper: 13, centre: 10, baselineN: 30 },
    better: null,
    demand: 'within 3 sample standard deviations of the mean of the last 30 successful runs',
    runsAgo: 0,
    firstBad: null,
    lastGood: null,
    labels: { team: 'perf' },
    configDigest: 'a demand',
    ...rest,
  };
}

/** What each letter of a story says of its night. */
const LETTERS: Readonly<Record<string, Partial<Sight> & { readonly value?: number | null }>> = {
  // By bounds from history: outside, inside the clear bounds (8 to 12), between the two.
  b: { says: 'bad', reason: 'above', value: 14 },
  g: { says: 'good', value: 10 },
  '~': { says: 'good', value: 12.5 },
  n: { says: 'neutral', value: null },
  N: {
    says: 'bad',
    reason: 'nonfinite',
    value: null,
    instant: true,
    recoverAfter: 1,
    severity: 'critical',
    bounds: null,
  },
  M: { says: 'bad', reason: 'missing', value: null, instant: true, recoverAfter: 1, bounds: null },
  p: { says: 'present', value: 10, bounds: null },
  a: { says: 'absent', value: null, bounds: null },
  u: { says: 'undemanded', value: null, bounds: null },
  // By the recommended rule: a failing run, its alert, a change that goes on, the old level back.
  f: { says: 'fail', reason: 'above', value: 14, confirmAfter: null },
  A: { says: 'fail', judge: 'alert', reason: 'above', value: 14, confirmAfter: null },
  c: { says: 'neutral', value: 14, confirmAfter: null },
  o: { says: 'good', value: 10, confirmAfter: null },
  R: { says: 'neutral', judge: 'recovered', value: 10, confirmAfter: null },
};

/** The sights of a story, one night a letter; `changed` is in every one. */
export function story(letters: string, changed: Partial<Sight> = {}): Sight[] {
  return [...letters].map((letter, index) => {
    const known = LETTERS[letter];
    if (known === undefined) throw new Error(`No sight is called "${letter}"`);
    return sight(index, { ...known, ...changed });
  });
}
