import { eDivisive, OTAVA } from '../change-points/e-divisive.ts';
import { perfherderChanges } from '../change-points/perfherder.ts';
import type { Good } from '../direction.ts';
import { isFinitePoint, OPEN, type Point, type RaisedAlert, type Rule, type RuleAnswer } from './rule.ts';

/** Finite values, and the run of each. */
interface Known {
  readonly values: readonly number[];
  readonly runs: readonly number[];
}

/** Perfherder tells a change when so many values from it on are there. */
const FORWARD = 12;

/** Mozilla's rule: it tells a change twelve runs from its first, and judges no run by itself. */
export const PERFHERDER_RULE: Rule = {
  name: 'perfherder',
  memory: 60,
  run: (points, good) =>
    changeAnswer(points, ({ values, runs }) =>
      perfherderChanges(values).flatMap((change) => {
        const at = change + FORWARD - 1;
        const before = values.slice(Math.max(0, change - FORWARD), change);
        const rises = mean(values.slice(change, at + 1)) > mean(before);
        return [alertAt(runs, { at, change, rises, good })];
      }),
    ),
};

/** Newest values that Otava is asked about at every run. */
const ASKED = 200;
/** A change point this near to one that was told is the same one. */
const SAME = 5;

/** Otava's default rule asked after every run; a change point that was not there before is told. */
export const OTAVA_RULE: Rule = {
  name: 'otava',
  memory: ASKED,
  run: (points, good) => changeAnswer(points, (known) => otavaAlerts(known, good)),
};

function otavaAlerts({ values, runs }: Known, good: Good): RaisedAlert[] {
  const told: number[] = [];
  return values.flatMap((_, at) => {
    const from = Math.max(0, at + 1 - ASKED);
    const found = eDivisive(values.slice(from, at + 1), OTAVA);
    const fresh = found.filter(({ index }) => !told.some((one) => Math.abs(one - from - index) <= SAME));
    told.push(...fresh.map(({ index }) => index + from));
    // What leaves the window behind may let an older point appear; only the newest is news.
    return fresh
      .filter(({ index }) => at - (index + from) < 2 * OTAVA.window)
      .map(({ index, before, after }) =>
        alertAt(runs, { at, change: index + from, rises: after > before, good }),
      );
  });
}

interface Seen {
  readonly at: number;
  readonly change: number;
  readonly rises: boolean;
  readonly good: Good;
}

function alertAt(runs: readonly number[], { at, change, rises, good }: Seen): RaisedAlert {
  const worse = good === null || rises === (good === 'lower');
  return { index: runs[at]!, since: runs[change]!, direction: worse ? 'worse' : 'better', kind: 'shift' };
}

/** Such rules judge no run by itself: one that reported a number passes. */
function changeAnswer(points: readonly Point[], alertsOf: (known: Known) => RaisedAlert[]): RuleAnswer {
  const runs = points.flatMap((point, index) => (isFinitePoint(point) ? [index] : []));
  return {
    verdicts: points.map((point) => (isFinitePoint(point) ? 'pass' : 'inconclusive')),
    alerts: alertsOf({ values: runs.map((run) => points[run]!), runs }),
    bands: points.map(() => OPEN),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
