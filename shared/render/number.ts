/** From here on whole numbers are no longer exact in a double, so digits would pretend. */
const EXACT = 2 ** 53;
const LARGE = 1e15;
const SMALL = 1e-4;

const KIND_WORD: Readonly<Record<string, string>> = {
  nan: 'NaN',
  posinf: 'infinity',
  neginf: '-infinity',
  missing: 'missing',
};

/** A number for people: up to six significant digits, whole numbers exact, thousands apart. */
export function formatNumber(value: number, options: { readonly digits?: number } = {}): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'infinity' : '-infinity';
  if (Number.isInteger(value) && Math.abs(value) < Math.min(EXACT, LARGE)) return grouped(String(value + 0));
  const rounded = Number(value.toPrecision(options.digits ?? 6));
  const size = Math.abs(rounded);
  if (size >= LARGE || size < SMALL) return rounded.toExponential().replace('e+', 'e');
  return grouped(String(rounded));
}

function grouped(text: string): string {
  const [whole = '', ...fraction] = text.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.');
}

/** What stands where a value should: the number, or the word for its kind. */
export function formatValue(value: number | null, kind: string | null): string {
  if (value !== null) return formatNumber(value);
  return (kind === null ? undefined : KIND_WORD[kind]) ?? 'missing';
}

/** Two different numbers with as many digits as it takes to tell them apart: never "0.96 (below 0.96)". */
export function formatApart(a: number, b: number): readonly [string, string] {
  for (let digits = 6; digits < 17; digits += 1) {
    const pair = [formatNumber(a, { digits }), formatNumber(b, { digits })] as const;
    if (pair[0] !== pair[1]) return pair;
  }
  return [formatNumber(a, { digits: 17 }), formatNumber(b, { digits: 17 })];
}

/** Seconds for people: `350 ms`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatNumber(seconds);
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return twoUnits(whole, [60, 'min'], [1, 's']);
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return twoUnits(minutes, [60, 'h'], [1, 'min']);
  return twoUnits(Math.round(seconds / 3600), [24, 'd'], [1, 'h']);
}

type Unit = readonly [size: number, name: string];

function twoUnits(amount: number, large: Unit, small: Unit): string {
  const rest = Math.floor((amount % large[0]) / small[0]);
  const head = `${grouped(String(Math.floor(amount / large[0])))} ${large[1]}`;
  return rest === 0 ? head : `${head} ${rest} ${small[1]}`;
}

/** A float as Python prints it: `0.79`, `5.0`, `1e-05`, `1e+16`, `nan`, `inf`. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  // Both languages print the shortest digits that read back as the same double; they part on when to use `e`.
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${Object.is(value, -0) ? '-' : ''}${digits}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return sign + positional(digits.replace(/[-.]/g, ''), exponent);
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}
