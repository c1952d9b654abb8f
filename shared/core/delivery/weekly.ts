import { digestOf } from '../digest.ts';
import type { Episode } from '../episodes/episode.ts';
import type { NoiseLine, WeekSummary } from '../mail-request.ts';
import type { TestConfig } from '../schema/test-config.ts';
import { compareText } from '../text-order.ts';
import { configLabels } from './matcher.ts';
import { type DeliveryPolicy, MAIL_CHANNEL, recipientKey } from './policy.ts';
import { type Reason, recipientsOf, whyText } from './recipients.ts';

/** Marks rows of the outbox that hold a summary; no episode has such a thread. */
export const WEEKLY_THREAD = 'weekly';
/** With fewer judged runs a test is still learning: most rules want ten values. */
const LEARNING_RUNS = 10;
/** So many suspicions that came to nothing make a rule worth a thought. */
const NOISY = 3;
const MOST_RULES = 5;

/** Who gets a summary, of which tests, and why. */
export interface WeeklyReader {
  readonly address: string;
  readonly tests: ReadonlySet<string>;
  readonly why: string;
  /** Those of them that only the fallback hears of. */
  readonly unrouted: readonly string[];
}

/**
 * Everybody who would get a mail about one of these tests, whatever its signal: owners, addresses of routes, and the
 * fallback. Labels are those of the config alone.
 */
export function weeklyReaders(
  testNames: readonly string[],
  {
    tests,
    policy,
    configFile,
  }: { tests: ReadonlyMap<string, TestConfig>; policy: DeliveryPolicy; configFile: string },
): WeeklyReader[] {
  // A summary is of all signals, so every route counts and none ends the search.
  const routes = policy.routes.map((route) => ({
    ...route,
    signals: [],
    severities: [],
    goOn: true,
    andOwner: true,
  }));
  const readers = new Map<string, { tests: Set<string>; reasons: Reason[]; unrouted: string[] }>();
  for (const testName of testNames) {
    const test = tests.get(testName);
    const subject = { testName, signal: '', severity: 'warning', labels: configLabels(test) } as const;
    for (const { recipient, reasons } of recipientsOf(subject, { policy: { ...policy, routes }, test })) {
      if (recipient.channel !== MAIL_CHANNEL) continue;
      const reader = readers.get(recipient.address) ?? { tests: new Set(), reasons: [], unrouted: [] };
      readers.set(recipient.address, reader);
      reader.tests.add(testName);
      reader.reasons.push(...reasons);
      if (reasons.some(({ by }) => by === 'fallback')) reader.unrouted.push(testName);
    }
  }
  return [...readers].map(([address, { tests: of, reasons, unrouted }]) => ({
    address,
    tests: of,
    unrouted,
    why: whyText(reasons, { tests: of.size, configFile }),
  }));
}

/** Names the summary of a week for one reader, so that it is sent once. */
export function weeklyKey(address: string, until: number): string {
  return digestOf('weekly', recipientKey({ channel: MAIL_CHANNEL, address }), String(until));
}

/** What a summary is made from. */
export interface WeekInput {
  /** All episodes, as they are now. */
  readonly episodes: readonly Episode[];
  readonly counts: readonly { readonly testName: string; readonly recent: number; readonly all: number }[];
  readonly from: number;
  readonly until: number;
}

/** The week of one reader. Suspicions only count as noise. */
export function weekSummary({ episodes, counts, from, until }: WeekInput, reader: WeeklyReader): WeekSummary {
  const all = episodes.filter(({ testName }) => reader.tests.has(testName));
  const ours = all.filter(({ polarity }) => polarity === 'bad');
  const within = (at: number | null) => at !== null && at > from && at <= until;
  const judged = counts.filter(({ testName }) => reader.tests.has(testName));
  const begun = ours.filter(({ openedAt }) => within(openedAt));
  const noisyRules = noiseOf(begun, ({ testName, signal }) => [testName, signal]).filter(
    ({ noise }) => noise >= NOISY,
  );
  return {
    from,
    until,
    tests: judged.filter(({ recent }) => recent > 0).length,
    runs: judged.reduce((sum, { recent }) => sum + recent, 0),
    open: ours.filter(({ state }) => state === 'firing' || state === 'recovering'),
    fired: ours.filter(({ firedAt }) => within(firedAt)),
    closed: ours.filter(({ closedAt, closedReason }) => within(closedAt) && closedReason !== 'noise'),
    improved: all.filter(({ polarity, firedAt }) => polarity === 'good' && within(firedAt)),
    noise: noiseOf(begun, ({ testName }) => [testName, null]),
    noisyRules: noisyRules.slice(0, MOST_RULES).map((line) => ({ ...line, suggestion: suggestionFor(line) })),
    learning: judged
      .filter(({ recent, all }) => recent > 0 && all < LEARNING_RUNS)
      .map(({ testName }) => testName),
    unrouted: reader.unrouted,
  };
}

/** Suspicions by what they are grouped by, most noise first; an episode that fired at once was none. */
function noiseOf(
  episodes: readonly Episode[],
  by: (episode: Episode) => readonly [string, string | null],
): NoiseLine[] {
  const suspicions = episodes.filter(({ firedAt, openedAt }) => firedAt === null || firedAt > openedAt);
  const groups = Map.groupBy(suspicions, (episode) => JSON.stringify(by(episode)));
  return [...groups.values()]
    .map((group): NoiseLine => {
      const [testName, signal] = by(group[0]!);
      const noise = group.filter(({ closedReason }) => closedReason === 'noise').length;
      return { testName, signal, suspects: group.length, noise, suggestion: null };
    })
    .sort(
      (a, b) =>
        b.noise - a.noise ||
        compareText(a.testName, b.testName) ||
        compareText(a.signal ?? '', b.signal ?? ''),
    );
}

function suggestionFor({ signal, noise, suspects }: NoiseLine): string | null {
  if (signal === null || !signal.startsWith('metric:')) return null;
  const most =
    noise === suspects ? 'None of them came to anything' : `${noise} of ${suspects} came to nothing`;
  return `${most}: run "tidemark backtest" with wider bounds, or set confirm_n: 3 for this metric.`;
}
