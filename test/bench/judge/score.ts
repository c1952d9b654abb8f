import type { Case } from './suite.ts';

/** What a rule said about one series, as `backtest --input` prints it. */
export interface Answer {
  readonly verdicts: readonly string[];
  readonly alerts: readonly { readonly index: number; readonly direction: string; readonly kind: string }[];
}

/** A rule under test. */
export type Rule = (values: readonly (number | null)[], higherIsBetter: boolean) => Answer;

interface Steps {
  count: number;
  /** By w: alerted within w runs. */
  readonly within: number[];
  readonly delays: number[];
  failedFirst: number;
  wrongWay: number;
}

/** Counts over many series; the shares are made at the end. */
export interface Tally {
  quiet: number;
  falseAlerts: number;
  quietFails: number;
  lone: number;
  loneAlerts: number;
  readonly steps: Readonly<Record<number, Steps>>;
  incidents: number;
  incidentAlerts: number;
  drifts: number;
  driftsFound: number;
  improvements: number;
  improvementsFound: number;
  nonfinite: number;
  nonfiniteFound: number;
}

const LONGEST = 40;
const SIZES = [1, 2, 3, 5];

export function emptyTally(): Tally {
  const none = (): Steps => ({
    count: 0,
    within: new Array<number>(LONGEST + 1).fill(0),
    delays: [],
    failedFirst: 0,
    wrongWay: 0,
  });
  return {
    quiet: 0,
    falseAlerts: 0,
    quietFails: 0,
    lone: 0,
    loneAlerts: 0,
    steps: Object.fromEntries(SIZES.map((size) => [size, none()])),
    incidents: 0,
    incidentAlerts: 0,
    drifts: 0,
    driftsFound: 0,
    improvements: 0,
    improvementsFound: 0,
    nonfinite: 0,
    nonfiniteFound: 0,
  };
}

/** Runs a rule over all cases; one tally for all and one a family. */
export function score(rule: Rule, cases: readonly Case[]): { all: Tally; families: Map<string, Tally> } {
  const all = emptyTally();
  const families = new Map<string, Tally>();
  for (const one of cases) {
    const answer = rule(one.values, one.higherIsBetter);
    const family = families.get(one.family) ?? emptyTally();
    families.set(one.family, family);
    addTo(all, one, answer);
    addTo(family, one, answer);
  }
  return { all, families };
}

function addTo(tally: Tally, one: Case, answer: Answer): void {
  countNonfinite(tally, one, answer);
  const shifts = answer.alerts.filter(({ kind }) => kind !== 'nonfinite');
  countQuiet(tally, one, { ...answer, alerts: shifts });
  if (one.start < 0) return;
  const after = shifts.filter(({ index }) => index >= one.start);
  const worse = after.filter(({ direction }) => direction === 'worse');
  const size = one.kind.startsWith('step') ? Number(one.kind.slice(5)) : null;
  if (size !== null) countStep(tally.steps[size]!, one, { answer, after });
  if (size !== null || one.kind === 'excursion' || one.kind === 'drift') {
    if (worse.length > 0) tally.incidents += 1;
    if (worse.length > 0) tally.incidentAlerts += after.length;
  }
  if (one.kind === 'drift') {
    tally.drifts += 1;
    if (worse.length > 0) tally.driftsFound += 1;
  }
  if (one.kind === 'improvement') {
    tally.improvements += 1;
    if (after.some(({ direction }) => direction === 'better')) tally.improvementsFound += 1;
  }
}

function countNonfinite(tally: Tally, { values }: Case, { alerts }: Answer): void {
  values.forEach((value, index) => {
    if (value === null || Number.isFinite(value)) return;
    tally.nonfinite += 1;
    if (alerts.some((alert) => alert.index === index)) tally.nonfiniteFound += 1;
  });
}

/** Runs before a change, and after a lone bad run, are quiet ones. */
function countQuiet(tally: Tally, { kind, values, start, end }: Case, { verdicts, alerts }: Answer): void {
  const isQuiet = (index: number) => start < 0 || index < start || (kind === 'lone' && index >= end);
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value) || !isQuiet(index)) return;
    tally.quiet += 1;
    if (verdicts[index] === 'fail') tally.quietFails += 1;
  });
  tally.falseAlerts += alerts.filter(({ index }) => isQuiet(index)).length;
  if (kind !== 'lone') return;
  tally.lone += 1;
  // A lone bad run pages nobody: an alert at it, or for its sake in the runs after it, is a false one.
  if (alerts.some(({ index }) => index >= start && index <= start + 2)) tally.loneAlerts += 1;
}

function countStep(
  steps: Steps,
  { start }: Case,
  { answer, after }: { readonly answer: Answer; readonly after: Answer['alerts'] },
): void {
  steps.count += 1;
  const first = after.find(({ direction }) => direction === 'worse');
  steps.delays.push(first === undefined ? Number.POSITIVE_INFINITY : first.index - start + 1);
  for (let w = steps.delays.at(-1)!; w <= LONGEST; w++) steps.within[w]! += 1;
  if (answer.verdicts[start] === 'fail') steps.failedFirst += 1;
  if (after.some(({ direction }) => direction === 'better')) steps.wrongWay += 1;
}

/** The figures of one rule, by the names they have in the table. */
export function figuresOf(tally: Tally) {
  const { steps } = tally;
  const within = (size: number, w: number) => steps[size]!.within[w]! / steps[size]!.count;
  const all = SIZES.map((size) => steps[size]!);
  const total = all.reduce((sum, { count }) => sum + count, 0);
  return {
    FA: (1000 * tally.falseAlerts) / tally.quiet,
    '1≤7': within(1, 7),
    '2≤7': within(2, 7),
    '3≤1': within(3, 1),
    '3≤3': within(3, 3),
    '3≤7': within(3, 7),
    '5≤1': within(5, 1),
    '5≤3': within(5, 3),
    drift: tally.driftsFound / tally.drifts,
    'per incident': tally.incidentAlerts / tally.incidents,
    'wrong way': (100 * all.reduce((sum, { wrongWay }) => sum + wrongWay, 0)) / total,
    NaN: tally.nonfiniteFound / tally.nonfinite,
    lone: tally.loneAlerts / tally.lone,
    better: tally.improvementsFound / tally.improvements,
    'verdict 5≤1': steps[5]!.failedFirst / steps[5]!.count,
    'quiet fails': (1000 * tally.quietFails) / tally.quiet,
    delays: [2, 3, 5].map((size) => middle(steps[size]!.delays)),
  };
}

function middle(delays: readonly number[]): number {
  return [...delays].sort((a, b) => a - b)[delays.length >> 1] ?? Number.NaN;
}
