import type { DeliveryInput, NoticeToTell, Silence } from '../../shared/core/delivery/draft.ts';
import { NO_THREADS } from '../../shared/core/delivery/known-threads.ts';
import { DEFAULT_POLICY, type DeliveryPolicy, type Route } from '../../shared/core/delivery/policy.ts';
import type { Episode, NoticeKind } from '../../shared/core/episodes/episode.ts';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { episode, told } from './episode-rows.ts';
import { day } from './history-rows.ts';

/** A notice about an episode of the test `t`; its name is the episode's id and its thread. */
export function notice(
  name: string,
  kind: NoticeKind = 'firing',
  fields: Partial<Episode> = {},
): NoticeToTell {
  const seq = fields.seq ?? 1;
  const of = episode(name, { threadId: `thread-${name}`, ...fields, seq });
  return { ...told(of, { id: `${name}-${seq}-${kind}`, kind, at: day(seq) }), held: null };
}

/** A route to one address that takes everything and ends the search. */
export function route(to: string, fields: Partial<Route> = {}): Route {
  return {
    labels: new Map(),
    tests: [],
    signals: [],
    severities: [],
    to: [{ channel: 'mail', address: to }],
    quiet: undefined,
    goOn: false,
    andOwner: true,
    ...fields,
  };
}

/** A silence of all of day 1 to day 3. */
export function silence(matcher: string, fields: Partial<Silence> = {}): Silence {
  return {
    id: 's',
    matchers: matcher.split(' '),
    by: 'ann',
    startsAt: day(1),
    endsAt: day(3),
    note: null,
    ...fields,
  };
}

/** What is asked of a plan: at noon of day 2, the test `t` with one owner, nobody told of anything. */
export function inputOf(
  notices: readonly NoticeToTell[],
  fields: Partial<Omit<DeliveryInput, 'policy'>> & { readonly policy?: Partial<DeliveryPolicy> } = {},
): DeliveryInput {
  return {
    notices,
    episodes: [],
    silences: [],
    told: () => null,
    toldTo: () => [],
    threads: NO_THREADS,
    causes: new Map(),
    tests: testsOf({ t: { owner: 'owner@example.com' } }),
    configFile: 'tidemark.yaml',
    now: day(2) + 12 * 3_600_000,
    ...fields,
    policy: { ...DEFAULT_POLICY, ...fields.policy },
  };
}

/** The tests of a config. */
export function testsOf(tests: Readonly<Record<string, TestConfig>>): ReadonlyMap<string, TestConfig> {
  return new Map(Object.entries(tests));
}
