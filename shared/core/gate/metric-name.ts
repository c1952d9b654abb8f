import { nearest } from '../nearest.ts';

/** Characters behind which the last part of a name may begin. */
const BOUNDARY = /[/_.:\- ]/;
const MOST_LISTED = 10;

/** Which metric of a test a policy means, or one sentence that says why nobody can tell. */
export type NamedMetric =
  | { readonly kind: 'found'; readonly metric: string }
  | { readonly kind: 'ambiguous'; readonly problem: string }
  | { readonly kind: 'unknown'; readonly problem: string };

/**
 * The metric that a name in a policy stands for: the one of exactly this name, else what load tests are usually asked
 * by it, else the only one that ends in it behind a `/ _ . : -` or a blank.
 */
export function findMetric(short: string, names: readonly string[]): NamedMetric {
  if (names.includes(short)) return { kind: 'found', metric: short };
  const usual = usualNames(short).find((name) => names.includes(name));
  if (usual !== undefined) return { kind: 'found', metric: usual };
  const ending = names.filter(
    (name) => name.endsWith(short) && BOUNDARY.test(name.at(-short.length - 1) ?? ''),
  );
  const [only, ...others] = ending;
  if (only === undefined) return { kind: 'unknown', problem: unknownMetric(short, names) };
  if (others.length === 0) return { kind: 'found', metric: only };
  return {
    kind: 'ambiguous',
    problem: `The policy's "${short}" may be ${listed(ending)}: write one of them in full`,
  };
}

/** Of the dozens of percentiles of a load test those of its requests are meant: k6's, then Locust's line of all. */
function usualNames(short: string): string[] {
  if (short === 'failed') return ['http_req_failed/rate', 'total/failure_ratio'];
  if (short === 'rps') return ['http_reqs/rate', 'total/requests_per_second'];
  return /^(?:p\d+(?:\.\d+)?|avg|med|min|max)$/.test(short)
    ? [`http_req_duration/${short}`, `total/${short}`]
    : [];
}

function unknownMetric(short: string, names: readonly string[]): string {
  if (names.length === 0) return `The policy names the metric "${short}", and the test has no metrics yet`;
  const close = nearest(short, names);
  const hint = close === null ? `it has ${listed(names)}` : `did you mean "${close}"?`;
  return `The policy names the metric "${short}", which the test does not have; ${hint}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED).join(', ');
  return names.length > MOST_LISTED ? `${shown} and ${names.length - MOST_LISTED} more` : shown;
}
