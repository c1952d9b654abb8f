import type { PersonAction } from '../person-action.ts';
import type { RunOrder } from '../run.ts';
import type { ConditionConfig } from '../schema/test-config.ts';
import { EARLIEST_TIME, parseDuration, parseTime } from '../time.ts';
import { actionsFor } from './actions.ts';
import { type Labelled, type LabelName, labelOf } from './label.ts';
import { wantedRuns } from './window.ts';

/**
 * Which earlier runs feed the judge of one metric: the newest `limit` successful ones with a finite value for which
 * all that is set holds. What is left out holds for every run.
 */
export interface EarlierNeed {
  readonly limit: number;
  /** They ended at this time or later, milliseconds since the epoch. */
  readonly since?: number;
  /** Not before this place in the order of runs: somebody accepted what it showed. */
  readonly from?: RunOrder;
  /** None of these, by uuid: somebody excluded them. */
  readonly without?: readonly string[];
  /** They carry the same labels; null: they have none either. */
  readonly like?: ReadonlyMap<LabelName, string | null>;
  /** Whose value of each run is asked for too. */
  readonly version?: LabelName;
}

/** What earlier runs said of a metric, newest first; all lists are equally long. */
export interface EarlierSeries {
  /** Finite. */
  readonly values: readonly number[];
  readonly runIds: readonly string[];
  /** The values of `EarlierNeed.version`; all null where none was asked for. */
  readonly versions: readonly (string | null)[];
}

export const NO_EARLIER: EarlierSeries = { values: [], runIds: [], versions: [] };

/** The run that is to be judged. */
export interface JudgedRun extends Labelled {
  readonly finishedAt: number;
}

/** The question to the history for one metric under one condition; null where no earlier run matters. */
export function needOf(
  metricName: string,
  condition: ConditionConfig,
  { run, actions }: { readonly run: JudgedRun; readonly actions: readonly PersonAction[] },
): EarlierNeed | null {
  const limit = wantedRuns(condition);
  if (limit === 0) return null;
  const { accepted, excluded } = actionsFor(metricName, run.finishedAt, actions);
  const { history_versions: versions, split_by: splitBy = [] } = condition;
  const since = sinceOf(condition, run.finishedAt);
  return {
    limit,
    ...(since === null ? {} : { since }),
    ...(accepted === null ? {} : { from: accepted }),
    ...(excluded.length === 0 ? {} : { without: excluded }),
    ...(splitBy.length === 0 ? {} : { like: new Map(splitBy.map((name) => [name, labelOf(run, name)])) }),
    ...(versions === undefined ? {} : { version: versions.of }),
  };
}

/** The later of both, where both a span and a moment are given. */
function sinceOf(
  { history_window: window, history_since: moment }: ConditionConfig,
  end: number,
): number | null {
  const starts = [
    ...(typeof window === 'string' ? [beforeBy(parseDuration(window)!, end)] : []),
    ...(moment === undefined ? [] : [parseTime(moment)!]),
  ];
  return starts.length === 0 ? null : Math.max(...starts);
}

/** A run keeps the config it had, and once a window might be longer than there are years that a text can hold. */
function beforeBy(span: number, time: number): number {
  return Math.max(EARLIEST_TIME, time - span);
}
