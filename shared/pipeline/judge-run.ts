import { type Assessment, assess, type Demanded, historyNeeds } from '../core/assess.ts';
import type { Labelled } from '../core/baseline/label.ts';
import type { EarlierNeed, EarlierSeries } from '../core/baseline/question.ts';
import type { EffectiveConfig } from '../core/effective-config.ts';
import type { Outcome } from '../core/outcome.ts';
import { BASELINE_KINDS } from '../core/person-action.ts';
import type { RunOrder } from '../core/run.ts';
import type { History } from '../ports/history.ts';

/** A finished run as it is judged: its place, how it ended and what kind of run it is. */
export interface RunToJudge extends RunOrder, Labelled {
  readonly testName: string;
  readonly outcome: Outcome;
}

/** A judged run, and from what: which earlier runs were asked for, and what they said. */
export interface JudgedFrom {
  readonly assessment: Assessment;
  readonly needs: ReadonlyMap<string, EarlierNeed>;
  readonly series: ReadonlyMap<string, EarlierSeries>;
}

/** Judges the demands on a run from the earlier runs that feed them. */
export async function judgeRun(
  demands: readonly Demanded[],
  { run, config }: { readonly run: RunToJudge; readonly config: EffectiveConfig },
  history: Pick<History, 'actions' | 'earlierValues'>,
): Promise<JudgedFrom> {
  const { testName, finishedAt, runId, uuid } = run;
  const actions = await history.actions({ kinds: BASELINE_KINDS, testName });
  const needs = historyNeeds(demands, { run, actions });
  const series = await history.earlierValues(testName, { finishedAt, runId, uuid }, needs);
  const configIsBroken = config.problems.length > 0;
  const { falseDiscoveryRate } = config;
  const assessment = assess(demands, { needs, series }, { ...run, configIsBroken, falseDiscoveryRate });
  return { assessment, needs, series };
}
