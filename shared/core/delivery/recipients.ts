import type { TestConfig } from '../schema/test-config.ts';
import { matchesAny, type Subject } from './matcher.ts';
import {
  type DeliveryPolicy,
  MAIL_CHANNEL,
  type QuietHours,
  type Recipient,
  type Route,
  recipientKey,
} from './policy.ts';

/** What made somebody hear of something. */
export type Reason =
  | { readonly by: 'owner' }
  | { readonly by: 'fallback' }
  /** The fallback, too: what is wrong with Tidemark itself has no owner. */
  | { readonly by: 'tidemark' }
  /** Named when it was put off, and no more. */
  | { readonly by: 'before' }
  /** Named elsewhere, and told when it began: a route that asks for a severity does not take its end. */
  | { readonly by: 'told' }
  /** Its place in the list, counted from 1, and what it asks for. */
  | { readonly by: 'route'; readonly number: number; readonly asks: string };

/** One who hears of something. */
export interface Named {
  readonly recipient: Recipient;
  readonly reasons: readonly Reason[];
  /** The quiet hours of every way it came; null: at least one way has none. */
  readonly quiet: readonly QuietHours[] | null;
}

/**
 * Who hears of a subject: those of every route that takes it, down to the first that does not go on; the test's owner,
 * unless one of those routes says otherwise; if that is nobody, the fallback. Each once, in that order.
 */
export function recipientsOf(
  subject: Subject,
  { policy, test }: { readonly policy: DeliveryPolicy; readonly test: TestConfig | undefined },
): readonly Named[] {
  const found = new Map<string, Named>();
  const add = (recipient: Recipient, reason: Reason, quiet: QuietHours | null) => {
    const known = found.get(recipientKey(recipient));
    found.set(recipientKey(recipient), {
      recipient,
      reasons: [...(known?.reasons ?? []), reason],
      quiet: quiet === null || known?.quiet === null ? null : [...(known?.quiet ?? []), quiet],
    });
  };
  const taken = takingRoutes(subject, policy.routes);
  for (const { route, number } of taken) {
    const quiet = route.quiet === undefined ? policy.quiet : route.quiet;
    for (const recipient of route.to) add(recipient, { by: 'route', number, asks: asksOf(route) }, quiet);
  }
  const owners = taken.every(({ route }) => route.andOwner) ? addressesOf(test?.owner) : [];
  for (const address of owners) add(byMail(address), { by: 'owner' }, policy.quiet);
  if (found.size === 0) {
    const by = subject.signal === 'pipeline' ? 'tidemark' : 'fallback';
    for (const address of policy.fallback) add(byMail(address), { by }, policy.quiet);
  }
  return [...found.values()];
}

/** Everybody whom the config names anywhere. */
export function everybody(
  policy: DeliveryPolicy,
  tests: ReadonlyMap<string, TestConfig>,
): ReadonlySet<string> {
  const owners = [...tests.values()].flatMap(({ owner }) => addressesOf(owner));
  const named = [...policy.routes.flatMap(({ to }) => to), ...[...owners, ...policy.fallback].map(byMail)];
  return new Set(named.map(recipientKey));
}

/** The routes that take a subject, with their numbers from 1. */
function takingRoutes(subject: Subject, routes: readonly Route[]) {
  const taken: { readonly route: Route; readonly number: number }[] = [];
  for (const [index, route] of routes.entries()) {
    if (!takes(route, subject)) continue;
    taken.push({ route, number: index + 1 });
    if (!route.goOn) break;
  }
  return taken;
}

function takes({ labels, tests, signals, severities }: Route, subject: Subject): boolean {
  return (
    matchesAny(tests, subject.testName) &&
    matchesAny(signals, subject.signal) &&
    (severities.length === 0 || severities.includes(subject.severity)) &&
    [...labels].every(([name, globs]) => matchesAny(globs, subject.labels[name]))
  );
}

function asksOf({ labels, tests, signals, severities }: Route): string {
  const parts = [
    ...[...labels].map(([name, globs]) => `${name}=${globs.join('|')}`),
    ...(tests.length === 0 ? [] : [`test=${tests.join('|')}`]),
    ...(signals.length === 0 ? [] : [`signal=${signals.join('|')}`]),
    ...(severities.length === 0 ? [] : [`severity=${severities.join('|')}`]),
  ];
  return parts.length === 0 ? 'everything' : parts.join(', ');
}

function addressesOf(owner: TestConfig['owner']): readonly string[] {
  if (owner === undefined) return [];
  return typeof owner === 'string' ? [owner] : owner;
}

function byMail(address: string): Recipient {
  return { channel: MAIL_CHANNEL, address };
}

/** `tidemark.yaml names you as owner of this test and in route 2 (team=perf)`. */
export function whyText(
  reasons: readonly Reason[],
  { tests, configFile }: { tests: number; configFile: string },
): string {
  const these = tests === 1 ? 'this test' : 'these tests';
  const words = reasons.map((reason) => {
    if (reason.by === 'told') return 'elsewhere, and you were told when it began';
    if (reason.by === 'before') return 'no more, but did when this happened';
    if (reason.by === 'owner') return `as owner of ${these}`;
    if (reason.by === 'tidemark') return 'as fallback, who hears of what is wrong with Tidemark itself';
    if (reason.by === 'fallback')
      return `as fallback, because ${these} ${tests === 1 ? 'has' : 'have'} no owner`;
    return `in route ${reason.number} (${reason.asks})`;
  });
  const [last, ...rest] = [...new Set(words)].reverse();
  const before = rest.reverse().join(', ');
  return `${configFile} names you ${before === '' ? last : `${before} and ${last}`}`;
}
