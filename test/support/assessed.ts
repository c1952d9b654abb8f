import { type Assessment, assess, demandsOn, historyNeeds } from '../../shared/core/assess.ts';
import type { EffectiveConfig } from '../../shared/core/effective-config.ts';
import type { Metric } from '../../shared/core/metric.ts';
import type { Outcome } from '../../shared/core/outcome.ts';

/** A run on its own: its metrics, and what earlier runs said of all of them, newest first. */
export interface LoneRun {
  readonly metrics: readonly Metric[];
  readonly config: EffectiveConfig;
  readonly outcome?: Outcome;
  readonly earlier?: readonly number[];
}

/** A run as it is judged, where nobody acted and no label splits anything. */
export function assessed({ metrics, config, outcome = 'success', earlier = [] }: LoneRun): Assessment {
  const demands = demandsOn(metrics, config, null);
  const run = { finishedAt: 0, labels: {}, accelerator: null, frameworkVersion: null, testType: null };
  const needs = historyNeeds(demands, { run, actions: [] });
  const series = new Map(
    [...needs].map(([name, { limit }]) => {
      const values = earlier.slice(0, limit);
      return [name, { values, runIds: values.map((_, at) => `${at}`), versions: values.map(() => null) }];
    }),
  );
  const configIsBroken = config.problems.length > 0;
  return assess(demands, { needs, series }, { ...run, outcome, configIsBroken });
}
