/**
 * The numbers of the recommended rule. Windows and lengths are in runs, thresholds in nats of evidence, widths
 * in spreads of the series. They were chosen by random search on a suite of simulated and real
 * noise; `test/bench/RESULTS.md` says on which seeds, and has the figures on others and on noise never searched on.
 */
export interface AutoSettings {
  /** A level is learnt from at least and at most so many of its newest values. */
  readonly leastRuns: number;
  readonly mostRuns: number;
  /** The longest window that is held against the level before it. */
  readonly longestWindow: number;
  /** Evidence at which a change counts. */
  readonly worse: number;
  readonly better: number;
  /** Added to the wanted evidence, by length of the window: two, three, four to seven, longer. */
  readonly byLength: readonly [number, number, number, number];
  /** Added for a level of n values: `young` · max(0, (`youngUntil` / n)^`youngPower` − 1). */
  readonly young: number;
  readonly youngUntil: number;
  readonly youngPower: number;
  /** Added for each unit of log(spread / robust spread): series with outliers have to show more. */
  readonly dirty: number;
  /** Added for each unit of `unrest` of the level. */
  readonly restless: number;
  /** Evidence of three to twenty newest runs that the old level is back. */
  readonly recovered: number;
  /** The runs of an incident that is over are learnt from if they are no more than so many, … */
  readonly learntIncident: number;
  /** … and no further than so many spreads from the old level, in the middle. */
  readonly learntSize: number;
  /** Added to the wanted evidence for each incident that was taken out of the level's values. */
  readonly again: number;
  /** And to the width of the band, in spreads. */
  readonly againBand: number;
  /** Runs from the first changed one after which a better level is accepted. */
  readonly acceptAfter: number;
  /** Runs of a worse level, close together, after which it looks like a new normal. */
  readonly looksNormalAfter: number;
  /** Weight in values of the spread before the change, in the new level's. */
  readonly priorSpread: number;
  /** For so many runs after a level was accepted, less than so many spreads further on the same side is the same creeping loss. */
  readonly sameDrift: readonly [runs: number, spreads: number];
  readonly level: LevelSettings;
  readonly noise: NoiseSettings;
  /** Width of the band one run is held against: for good values, and while something has changed. */
  readonly band: number;
  readonly changedBand: number;
}

/** How a level is learnt. */
export interface LevelSettings {
  /** Values further than so many robust spreads from the middle count as that far. */
  readonly clip: number;
  /** The spread is at least this share of the robust one. */
  readonly robustShare: number;
  /** … and of the step between neighbouring values. */
  readonly resolutionShare: number;
  /** The lag-1 correlation is drawn towards this, with the weight of so many values. */
  readonly usualCorrelation: number;
  readonly correlationWeight: number;
  /** How far the level itself wanders, and with how many blocks of six runs the series must outweigh that. */
  readonly wander: number;
  readonly wanderWeight: number;
  /** A value so many spreads away is an outlier; their usual share, and its weight in values. */
  readonly outlierAt: number;
  readonly usualOutliers: number;
  readonly outlierWeight: number;
  /** The usual share of outliers right behind an outlier, and its weight in outliers. */
  readonly usualPairs: number;
  readonly pairWeight: number;
  /** The spread of n values counts 1 + `caution` / n times. */
  readonly caution: number;
}

/** What values do around a level: Student's t of three degrees of freedom, `width` spreads wide, and outliers. */
export interface NoiseSettings {
  readonly width: number;
}

export const AUTO: AutoSettings = {
  leastRuns: 8,
  mostRuns: 150,
  longestWindow: 24,
  worse: 6.15,
  better: 15.542,
  byLength: [4.278, -2.289, 0.054, 2.205],
  young: 0.971,
  youngUntil: 30,
  youngPower: 1.123,
  dirty: 0.191,
  restless: 2.001,
  recovered: 8,
  learntIncident: 20,
  learntSize: 2.5,
  again: 4,
  againBand: 1,
  acceptAfter: 12,
  looksNormalAfter: 20,
  priorSpread: 13.948,
  sameDrift: [50, 3.5],
  level: {
    clip: 4,
    robustShare: 0.827,
    resolutionShare: 0.5,
    usualCorrelation: 0.21,
    correlationWeight: 19.308,
    wander: 0.081,
    wanderWeight: 12.287,
    outlierAt: 4,
    usualOutliers: 0.005,
    outlierWeight: 44.255,
    usualPairs: 0.184,
    pairWeight: 3,
    caution: 1,
  },
  noise: { width: 0.869 },
  band: 3.6,
  changedBand: 4.5,
};
