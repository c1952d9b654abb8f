/** One tag of one run: steps that rise, and values. */
export interface Curve {
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Curves at the same steps. */
export interface CommonSteps {
  readonly steps: readonly number[];
  readonly curve: readonly number[];
  readonly earlier: readonly (readonly number[])[];
}

/** Steps that are compared at most, spread evenly over those of the curve. */
const MOST = 100;

/**
 * Brings curves to the steps of the first, as far as the others reach, by straight lines between points.
 * Values that are no number are left out; of the earlier ones those that do not reach half of its steps count as
 * not there. A curve of a run still going is compared as far as it has come.
 */
export function onCommonSteps(curve: Curve, earlier: readonly Curve[]): CommonSteps {
  const own = finite(curve);
  const others = earlier.map(finite).filter(({ steps }) => steps.length > 1);
  const end = own.steps.at(-1) ?? 0;
  const long = others.filter(({ steps }) => steps.at(-1)! >= end / 2 && steps[0]! < end);
  const first = long.reduce((most, { steps }) => Math.max(most, steps[0]!), Number.NEGATIVE_INFINITY);
  const last = long.reduce((least, { steps }) => Math.min(least, steps.at(-1)!), Number.POSITIVE_INFINITY);
  const inside = own.steps.filter((step) => step >= first && step <= last);
  const stride = Math.max(1, inside.length / MOST);
  const steps = inside.filter((_, at) => Math.floor(at / stride) !== Math.floor((at - 1) / stride));
  return {
    steps,
    curve: steps.map((step) => valueAt(own, step)),
    earlier: long.map((one) => steps.map((step) => valueAt(one, step))),
  };
}

interface Points {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** Finite points whose steps rise; of a step that comes again the last counts. */
function finite({ steps, values }: Curve): Points {
  const byStep = new Map<number, number>();
  for (let at = 0; at < steps.length; at++) {
    if (Number.isFinite(values[at]!)) byStep.set(steps[at]!, values[at]!);
  }
  const sorted = [...byStep].sort(([a], [b]) => a - b);
  return { steps: sorted.map(([step]) => step), values: sorted.map(([, value]) => value) };
}

/** The value at a step within the range of the points, on the line between its neighbours. */
function valueAt({ steps, values }: Points, step: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! < step) low = middle + 1;
    else high = middle;
  }
  if (steps[low] === step || low === 0) return values[low]!;
  const share = (step - steps[low - 1]!) / (steps[low]! - steps[low - 1]!);
  return values[low - 1]! + share * (values[low]! - values[low - 1]!);
}
