import { isAddress } from '../address.ts';
import { globMatcher } from '../glob.ts';
import { nearest } from '../nearest.ts';
import { listOf, type OneOrMore } from '../one-or-more.ts';
import { show } from '../problem.ts';

/** What of a route the checks look at: any number of globs under each thing it asks for. */
export interface RouteShape {
  readonly match?: Readonly<Record<string, OneOrMore>> | undefined;
  readonly tests?: OneOrMore | undefined;
  readonly signals?: OneOrMore | undefined;
  readonly severity?: OneOrMore | undefined;
  readonly to: readonly string[];
  readonly continue?: boolean | undefined;
}

/** Recipients that nobody knows, and routes that nothing can ever reach. Paths are from the list of routes. */
export function routeProblems(
  routes: readonly RouteShape[],
  channels: readonly string[],
): { path: (string | number)[]; message: string }[] {
  const strangers = routes.flatMap(({ to }, at) =>
    to.flatMap((name, index) => {
      const message = isAddress(name) || channels.includes(name) ? null : strangerText(name, channels);
      return message === null ? [] : [{ path: [at, 'to', index], message }];
    }),
  );
  const unreachable = routes.flatMap((route, at) => {
    const before = routes.slice(0, at).findIndex((earlier) => !earlier.continue && covers(earlier, route));
    if (before < 0) return [];
    const message = `is never reached: alerting.routes.${before} takes everything that this one asks for; add continue: true there, or move this one before it`;
    return [{ path: [at], message }];
  });
  const unknown = routes.flatMap(({ signals }, at) =>
    listOf(signals).flatMap((glob) => {
      const message = isSignal(glob) ? null : unknownSignalText(glob);
      return message === null ? [] : [{ path: [at, 'signals'], message }];
    }),
  );
  return [...strangers, ...unknown, ...unreachable];
}

const SIGNALS = ['metrics', 'job', 'infra', 'schedule', 'pipeline'];
const METRIC = 'metric:';

/** Whether some signal could match; those of metrics have any name behind the colon. */
function isSignal(glob: string): boolean {
  const [literal = ''] = glob.split(/[*?]/, 1);
  const isWild = literal !== glob;
  return SIGNALS.some(globMatcher(glob)) || glob.startsWith(METRIC) || (isWild && METRIC.startsWith(literal));
}

function unknownSignalText(glob: string): string {
  const meant = nearest(glob, [...SIGNALS, METRIC]);
  const hint = meant === null ? '' : `; did you mean "${meant === METRIC ? 'metric:*' : meant}"?`;
  return `is no signal: wanted metric:NAME, ${SIGNALS.join(', ')}: current value is ${show(glob)}${hint}`;
}

function strangerText(name: string, channels: readonly string[]): string {
  const meant = nearest(name, channels);
  const hint = meant === null ? '' : `; did you mean "${meant}"?`;
  return `is neither a mail address nor a name of alerting.channels: current value is ${show(name)}${hint}`;
}

/** Whether all that reaches `later` surely matches `earlier`. Globs are compared as texts only. */
function covers(earlier: RouteShape, later: RouteShape): boolean {
  const labels = Object.entries(earlier.match ?? {});
  return (
    labels.every(([name, globs]) => isWithin(later.match?.[name], globs)) &&
    (['tests', 'signals', 'severity'] as const).every((key) => isWithin(later[key], earlier[key]))
  );
}

function isWithin(asked: OneOrMore | undefined, taken: OneOrMore | undefined): boolean {
  const all = listOf(taken);
  if (all.length === 0) return true;
  const some = listOf(asked);
  if (all.includes('*') && some.length > 0) return true;
  return some.length > 0 && some.every((one) => all.includes(one));
}
