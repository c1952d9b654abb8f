import {
  type Collected,
  type CollectedPool,
  nonFiniteKind,
  prefixedName,
  type StoredSummary,
  strategyValue,
} from './collected.ts';
import type { EffectiveConfig } from './effective-config.ts';
import { globMatcher } from './glob.ts';
import { fromJsonNumber } from './json.ts';
import { kindOf, type Metric, metricOf } from './metric.ts';
import type { Problem } from './problem.ts';
import { STRATEGIES, type Strategy } from './schema/test-config.ts';

/** A tag under the name it is collected by. */
interface Candidate {
  readonly name: string;
  /** Without run prefix; equal to `name` where there is none. */
  readonly tag: string;
  readonly summary: StoredSummary;
  /** Who gives it, as people find it in their config. */
  readonly source: string;
}

const EVENT_FILES = 'tensorboard (event files)';

/** Metrics of the tags that the config asks for, and notes on tags that were pooled. */
export interface Selection {
  readonly metrics: readonly Metric[];
  readonly notes: readonly string[];
  /** Names that two sources give: nobody can say which of the two a condition means. */
  readonly clashes: readonly Problem[];
}

/**
 * Picks from what was collected: strategies per tag, ignored tags left out, conditioned aggregates added; then the
 * numbers that other sources give under their names.
 */
export function selectMetrics(collected: Collected, config: EffectiveConfig): Selection {
  const { candidates, notes } = candidatesOf(collected, config.useRunNamePrefix);
  const ignore = ignoring(config.tagsToIgnore);
  const byGlob = strategiesByGlob(config.strategiesByTag);
  const named = new NamedMetrics();
  const add = (candidate: Candidate, strategy: Strategy) =>
    named.add(aggregateMetric(candidate, strategy), candidate.source);
  for (const candidate of candidates) {
    if (ignore(candidate.name) || ignore(candidate.tag)) continue;
    const strategies =
      config.strategiesByTag.get(candidate.name) ??
      config.strategiesByTag.get(candidate.tag) ??
      byGlob(candidate) ??
      config.defaultStrategies;
    for (const strategy of strategies) add(candidate, strategy);
  }
  const demanded = demandedNames(config);
  if (demanded.size > 0) addDemanded(candidates, demanded, add);
  for (const { source, values } of collected.sources ?? []) {
    for (const [name, value] of values) named.add(metricOf(name, fromJsonNumber(value)), source);
  }
  return { metrics: named.metrics(), notes, clashes: named.clashes };
}

/** Metrics by their names, and which source gave each. */
class NamedMetrics {
  readonly clashes: Problem[] = [];
  private readonly byName = new Map<string, { readonly metric: Metric; readonly source: string }>();

  add(metric: Metric, source: string): void {
    const before = this.byName.get(metric.name);
    if (before === undefined || before.source === source) this.byName.set(metric.name, { metric, source });
    else if (this.clashes.length < MOST_CLASHES) {
      const message = `both ${before.source} and ${source} give the metric ${JSON.stringify(metric.name)}`;
      this.clashes.push({ path: '', message: `${message}; give one of them a prefix` });
    }
  }

  metrics(): readonly Metric[] {
    return [...this.byName.values()].map(({ metric }) => metric);
  }
}

/** Two files of one kind share all of their names. */
const MOST_CLASHES = 10;

/** For tags that are not named exactly: the strategies of all globs that match, undefined where none does. */
function strategiesByGlob(byTag: EffectiveConfig['strategiesByTag']) {
  const globs = [...byTag].flatMap(([pattern, strategies]) =>
    /[*?]/.test(pattern) ? [{ matches: globMatcher(pattern), strategies }] : [],
  );
  return ({ name, tag }: Candidate): readonly Strategy[] | undefined => {
    const found = globs.filter(({ matches }) => matches(name) || matches(tag));
    return found.length === 0 ? undefined : found.flatMap(({ strategies }) => strategies);
  };
}

/** A condition makes its aggregate collected, and so does a required metric: even of an ignored tag. */
function demandedNames(config: EffectiveConfig): Set<string> {
  const conditioned = [...config.conditions].filter(([, condition]) => condition !== null);
  return new Set([...conditioned.map(([name]) => name), ...config.requiredMetrics]);
}

function addDemanded(
  candidates: readonly Candidate[],
  demanded: ReadonlySet<string>,
  add: (candidate: Candidate, strategy: Strategy) => void,
): void {
  for (const candidate of candidates) {
    for (const strategy of STRATEGIES) {
      const names = [`${candidate.name}_${strategy}`, `${candidate.tag}_${strategy}`];
      if (names.some((name) => demanded.has(name))) add(candidate, strategy);
    }
  }
}

function ignoring(patterns: readonly string[]): (name: string) => boolean {
  const matchers = patterns.map((pattern) => globMatcher(pattern));
  return (name) => patterns.includes(name) || matchers.some((matches) => matches(name));
}

function aggregateMetric({ name, tag, summary }: Candidate, strategy: Strategy): Metric {
  const value = strategyValue(summary, strategy);
  const kind = value === null ? nonFiniteKind(summary) : kindOf(value);
  return {
    name: `${name}_${strategy}`,
    bareName: name === tag ? null : `${tag}_${strategy}`,
    kind,
    value: kind === 'finite' ? value : null,
    reason: null,
  };
}

/** Tags under the names they are collected by: with run prefix or without, those of one name pooled. */
function candidatesOf(collected: Collected, useRunNamePrefix: boolean) {
  const by = useRunNamePrefix ? 'prefix' : 'tag';
  const pools = new Map<string, CollectedPool>();
  for (const pool of collected.pools) if (pool.by === by) pools.set(pool.name, pool);
  const candidates: Candidate[] = [...pools.values()].map(({ name, summary }) => ({
    name,
    tag: name,
    summary,
    source: EVENT_FILES,
  }));
  for (const { run, tag, summary } of collected.series) {
    const name = useRunNamePrefix ? prefixedName(run, tag) : tag;
    if (!pools.has(name)) candidates.push({ name, tag, summary, source: EVENT_FILES });
  }
  for (const { source, series } of collected.sources ?? []) {
    for (const { tag, summary } of series) candidates.push({ name: tag, tag, summary, source });
  }
  const notes = [...pools.values()].map(
    ({ name, runs }) => `tag "${name}" is pooled from the run folders ${runs.join(', ')}`,
  );
  return { candidates, notes };
}
