/** What a number counts: seconds or bytes, so many at a time. */
export interface Unit {
  readonly word: string;
  readonly of: 'time' | 'size';
  /** Seconds or bytes in one. */
  readonly size: number;
}

const TIMES = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, min: 60, h: 3600 };
const SIZES = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const UNITS = new Map<string, Unit>([
  ...Object.entries(TIMES).map(([word, size]) => [word, { word, of: 'time', size }] as const),
  ...Object.entries(SIZES).map(([word, size]) => [word, { word, of: 'size', size }] as const),
]);

/** A unit as a policy writes it; null for any other word. */
export function readUnit(word: string): Unit | null {
  return UNITS.get(word) ?? null;
}

/** Words of names that say the unit: Prometheus spells units out, others shorten them. */
const SPOKEN: Readonly<Record<string, string>> = {
  nanoseconds: 'ns',
  ns: 'ns',
  microseconds: 'us',
  us: 'us',
  usec: 'us',
  milliseconds: 'ms',
  millis: 'ms',
  ms: 'ms',
  msec: 'ms',
  seconds: 's',
  secs: 's',
  sec: 's',
  minutes: 'm',
  hours: 'h',
  bytes: 'B',
  kib: 'KiB',
  mib: 'MiB',
  gib: 'GiB',
};

/** k6 gives every trend that it measures itself in milliseconds, and what went over the wire in bytes. */
const K6_TIME =
  /^(?:http_req_(?:blocked|connecting|duration|receiving|sending|tls_handshaking|waiting)|iteration_duration|group_duration|ws_(?:connecting|ping|session_duration)|grpc_req_duration|browser_http_req_duration)(?:\{[^}]*\})?\/(?:avg|min|max|med|p\d)/;
const K6_SIZE = /^data_(?:sent|received)(?:\{[^}]*\})?\/count$/;
/** Locust's line of all requests, in milliseconds. */
const LOCUST_TIME = /^total\/(?:p\d|median|average|min|max)/;
/** Computed by Tidemark. */
const COMPUTED = new Set(['total_wall_time', 'time_to_accuracy']);

/** What a metric's value counts, as far as its name says; null: nobody can tell, and a guess could let anything pass. */
export function unitOf(metric: string): Unit | null {
  if (COMPUTED.has(metric)) return UNITS.get('s')!;
  if (K6_TIME.test(metric) || LOCUST_TIME.test(metric)) return UNITS.get('ms')!;
  if (K6_SIZE.test(metric)) return UNITS.get('B')!;
  const words = metric.toLowerCase().split(/[^a-z]+/);
  // A rate, or a number of measurements.
  if (words.includes('per') || words.includes('count') || /\/s(?:ec)?$/i.test(metric)) return null;
  const spoken = words.flatMap((word) => (Object.hasOwn(SPOKEN, word) ? [SPOKEN[word]!] : []));
  const [only, ...others] = new Set(spoken);
  return only === undefined || others.length > 0 ? null : UNITS.get(only)!;
}
