import type { Episode } from '../episodes/episode.ts';
import type { SilenceLine } from '../mail-request.ts';
import type { PersonAction } from '../person-action.ts';
import type { TestConfig } from '../schema/test-config.ts';
import type { Silence } from './draft.ts';
import { matchesAll, type Subject, subjectOf } from './matcher.ts';

/** No silence is for good: one that is still wanted after this has to be said again. */
export const LONGEST_SILENCE = 30 * 86_400_000;
/** A silence that ends within this is named in mails. */
const SOON = 86_400_000;
/** What an `unsilence` writes into its matchers to name the silence it ends. */
const NAMES_SILENCE = 'silence=';

/** The matcher of the action that ends a silence. */
export function unsilenceMatcher(silenceId: string): string {
  return `${NAMES_SILENCE}${silenceId}`;
}

/** Silences as people made and ended them, oldest first. One without an end lasts as long as one may. */
export function silencesOf(actions: readonly PersonAction[]): Silence[] {
  const ended = new Map<string, number>();
  for (const { kind, at, target } of actions) {
    const [first = ''] = target.matchers;
    if (kind !== 'unsilence' || !first.startsWith(NAMES_SILENCE)) continue;
    const id = first.slice(NAMES_SILENCE.length);
    ended.set(id, Math.min(at, ended.get(id) ?? at));
  }
  return actions.flatMap(({ actionId: id, kind, at, actor: by, target, startsAt, endsAt, note }) => {
    if (kind !== 'silence') return [];
    const begins = startsAt ?? at;
    const latest = begins + LONGEST_SILENCE;
    const until = Math.min(endsAt ?? latest, latest, ended.get(id) ?? latest);
    return [{ id, matchers: target.matchers, by, startsAt: begins, endsAt: Math.max(begins, until), note }];
  });
}

/** The silence that keeps a subject from being told at `now`: of several the one that lasts longest; null: none. */
export function silenceOf(
  subject: Subject,
  { silences, now }: { readonly silences: readonly Silence[]; readonly now: number },
): Silence | null {
  const active = silences.filter(
    ({ startsAt, endsAt, matchers }) => startsAt <= now && now < endsAt && matchesAll(matchers, subject),
  );
  return active.reduce<Silence | null>(
    (longest, one) => (longest === null || one.endsAt > longest.endsAt ? one : longest),
    null,
  );
}

/** An incident that was kept quiet and still goes on; `at` is the end of its silence. */
export interface SilenceEnd {
  readonly episodeId: string;
  readonly at: number;
}

/**
 * Incidents that a silence kept quiet until between `since` (not at it) and `now`, that are still firing and that no
 * other silence keeps quiet: each is told once more. Acknowledged ones are not, somebody has seen them.
 */
export function silenceEnds({
  silences,
  episodes,
  tests,
  since,
  now,
}: {
  readonly silences: readonly Silence[];
  readonly episodes: readonly Episode[];
  readonly tests: ReadonlyMap<string, TestConfig>;
  readonly since: number;
  readonly now: number;
}): SilenceEnd[] {
  const over = silences.filter(({ endsAt }) => since < endsAt && endsAt <= now);
  if (over.length === 0) return [];
  return episodes.flatMap((episode) => {
    if (episode.state !== 'firing' && episode.state !== 'recovering') return [];
    if (episode.polarity === 'good' || (episode.ack !== null && episode.ack.until > now)) return [];
    const subject = subjectOf(episode, tests);
    const ends = over.filter(
      ({ startsAt, endsAt, matchers }) =>
        startsAt < endsAt && (episode.firedAt ?? endsAt) < endsAt && matchesAll(matchers, subject),
    );
    if (ends.length === 0 || silenceOf(subject, { silences, now }) !== null) return [];
    return [{ episodeId: episode.episodeId, at: Math.max(...ends.map(({ endsAt }) => endsAt)) }];
  });
}

/** Silences that end within a day, as mails name them, soonest first. */
export function endingSoon(silences: readonly Silence[], now: number): SilenceLine[] {
  return silences
    .filter(({ startsAt, endsAt }) => startsAt <= now && now < endsAt && endsAt <= now + SOON)
    .sort((a, b) => a.endsAt - b.endsAt)
    .map(({ id, matchers, by, endsAt: until, note }) => ({
      id,
      matcher: matchers.join(' '),
      by,
      until,
      note,
    }));
}
