/** A change of a metric that never changed counts from this share of its value on … */
const SMALLEST_SHARE = 0.002;
/** … and below this one only if it is more than one step of the last decimal that is written. */
const CLEAR_SHARE = 0.0075;
/** Of a count that was always 0: a first 1 is a rare event, not a step. */
const CLEAR_COUNT = 5;
const MOST_DECIMALS = 9;

/** Whether a value is a step of a metric that was the same in every run before. */
export function isStepOf(constant: number, value: number): boolean {
  const change = Math.abs(value - constant);
  const step = decimalStep(constant, value);
  if (constant === 0) return step === 1 ? change >= CLEAR_COUNT : change > 0;
  const share = change / Math.abs(constant);
  return share > CLEAR_SHARE || (share > SMALLEST_SHARE && change > 1.5 * step);
}

/** The spread to measure a value by where all before were the same: 0 at a level of 0 that no decimals help with. */
export function spreadBeside(constant: number, value: number): number {
  return Math.max((SMALLEST_SHARE / 2) * Math.abs(constant), decimalStep(constant, value) / 2);
}

/** One unit of the last decimal that either number is written with; 0 where that is beyond the ninth. */
function decimalStep(a: number, b: number): number {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = 10 ** decimals;
    if (isWhole(a * scale) && isWhole(b * scale)) return 1 / scale;
  }
  return 0;
}

/** Whole, but for the rounding of a product. */
function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) <= 1e-9 * Math.max(1, Math.abs(value));
}
