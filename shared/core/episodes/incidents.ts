import { digestOf } from '../digest.ts';
import { compareText } from '../text-order.ts';
import type { Episode, NoticeKind } from './episode.ts';

/** Fewer tests than these that fire together are a coincidence. */
export const FEWEST_TESTS = 5;

/** Facts that differ from run to run, and so name no cause. */
const NO_CAUSE: ReadonlySet<string> = new Set(['attempt']);
/** Facts that many tests share anyway: of two that are shared by as many the other one says more. */
const COMMON: readonly string[] = ['framework_version', 'accelerator', 'test_type'];

/** What tests that fired together have in common. */
export interface Incident {
  /** Digest of what is shared and of the episodes: the same however often it is worked out. */
  readonly incidentId: string;
  /** The fact that all share: a label, `accelerator`, `framework_version`, … */
  readonly label: string;
  readonly value: string;
  readonly episodeIds: readonly string[];
  readonly tests: number;
  /** When the first of them fired, milliseconds since the epoch. */
  readonly at: number;
}

/** As much of a notice as grouping looks at. */
export interface Firing {
  readonly kind: NoticeKind;
  readonly episode: Episode;
}

/**
 * Common causes among what a pass has to tell: five tests or more that start to fire and share a fact. The fact that
 * most tests share comes first; of those shared by as many a label, and then by name. An episode belongs to one
 * incident only. `recordedAs`: the incident that was recorded of an episode; where its notices wait still, the pass that
 * found it has died, and those that go on now belong to it whatever fires beside them by now.
 */
export function incidentsOf(
  notices: readonly Firing[],
  recordedAs: (episodeId: string) => string | null = () => null,
): Incident[] {
  const firing = notices
    .filter(({ kind, episode }) => (kind === 'firing' || kind === 'again') && episode.polarity === 'bad')
    .map(({ episode }) => episode);
  const incidents = recordedIncidents(firing, recordedAs);
  const known = new Set(incidents.flatMap(({ episodeIds }) => episodeIds));
  let left = firing.filter(({ episodeId }) => !known.has(episodeId));
  for (;;) {
    const found = largestGroup(left);
    if (found === null) return incidents;
    incidents.push(found);
    const taken = new Set(found.episodeIds);
    left = left.filter(({ episodeId }) => !taken.has(episodeId));
  }
}

/** Those that a pass has recorded and not told: the same episodes share the same, and so have the same id. */
function recordedIncidents(
  firing: readonly Episode[],
  recordedAs: (episodeId: string) => string | null,
): Incident[] {
  const groups = Map.groupBy(firing, ({ episodeId, incidentId }) => {
    const recorded = recordedAs(episodeId);
    return recorded === incidentId ? null : recorded;
  });
  return [...groups]
    .flatMap(([id, members]) => {
      const found = largestGroup(members);
      return found !== null && found.incidentId === id ? [found] : [];
    })
    .sort((a, b) => compareText(a.incidentId, b.incidentId));
}

function largestGroup(episodes: readonly Episode[]): Incident | null {
  const groups = Map.groupBy(
    episodes.flatMap((episode) => factsOf(episode).map((fact) => ({ fact, episode }))),
    ({ fact: [label, value] }) => JSON.stringify([label, value]),
  );
  const sized = [...groups].map(([key, members]) => ({
    key,
    members,
    tests: new Set(members.map(({ episode }) => episode.testName)).size,
    common: COMMON.indexOf(members[0]!.fact[0]),
  }));
  const [largest] = sized.sort(
    (a, b) => b.tests - a.tests || a.common - b.common || compareText(a.key, b.key),
  );
  if (largest === undefined || largest.tests < FEWEST_TESTS) return null;
  const [[label, value]] = largest.members.map(({ fact }) => fact) as [readonly [string, string]];
  const episodeIds = largest.members.map(({ episode }) => episode.episodeId).sort(compareText);
  return {
    incidentId: digestOf('incident', label, value, ...episodeIds),
    label,
    value,
    episodeIds,
    tests: largest.tests,
    at: Math.min(...largest.members.map(({ episode }) => episode.firedAt ?? episode.openedAt)),
  };
}

/** Labels of the test and facts of its newest bad run, each once. */
function factsOf({ labels, lastBad }: Episode): (readonly [string, string])[] {
  return Object.entries({ ...labels, ...lastBad.facts }).filter(([name]) => !NO_CAUSE.has(name));
}
