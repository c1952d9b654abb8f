import type { Assessment } from '../assess.ts';
import { digestOf } from '../digest.ts';
import type { EffectiveConfig } from '../effective-config.ts';
import type { Metric } from '../metric.ts';
import type { JobRow } from '../rows.ts';
import type { Episode, Polarity, Severity, Signal } from './episode.ts';
import type { MetricDetails, MetricSays } from './metric-sight.ts';

/** A run as it was judged. */
export interface JudgedRun {
  readonly job: JobRow;
  readonly assessment: Assessment;
  readonly config: EffectiveConfig;
  /** Where it ran, which no row has. */
  readonly cluster?: string | null;
}

/** What a run says of one signal, before it is known whether anybody has to hear it. */
export interface Finding extends MetricSays {
  readonly signal: Signal;
  readonly polarity: Polarity;
  /** Null for a signal without a value. */
  readonly metric: Metric | null;
  /** Worked out only for what is heard: digests and sentences cost more than most runs have to say. */
  readonly details: () => MetricDetails;
}

/** Details of a signal that has no value: it fires at once, and one good run ends it, unless they say otherwise. */
export function plainDetails(details: {
  readonly reason: string;
  readonly severity: Severity;
  readonly demand: string;
  /** Names what is demanded; another one ends what the last one opened. */
  readonly name: string;
  readonly confirmAfter?: number;
}): MetricDetails {
  const { reason, severity, demand, name, confirmAfter = 1 } = details;
  return {
    instant: confirmAfter === 1,
    confirmAfter,
    recoverAfter: 1,
    reason,
    severity,
    bounds: null,
    better: null,
    demand,
    runsAgo: 0,
    configDigest: digestOf('demand', name),
  };
}

/** Details of a finding that only says that nothing is to be said; what the episode knows stays as it is. */
export function detailsOf(episode: Episode): MetricDetails {
  const { severity, demand, recoverAfter, configDigest } = episode;
  return {
    instant: false,
    confirmAfter: null,
    recoverAfter,
    reason: '',
    severity,
    bounds: null,
    better: null,
    demand,
    runsAgo: 0,
    configDigest,
  };
}
