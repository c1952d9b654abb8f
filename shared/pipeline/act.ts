import { digestOf } from '../core/digest.ts';
import { type EpisodeActionKind, episodeActionOf } from '../core/episodes/actions.ts';
import type { Episode } from '../core/episodes/episode.ts';
import { noticeIdOf } from '../core/episodes/identity.ts';
import type { ActionKind, PersonAction } from '../core/person-action.ts';
import type { WaitingNotice } from '../ports/episodes.ts';
import type { History } from '../ports/history.ts';
import type { Settings } from './context.ts';
import { noEvidence } from './evidence.ts';
import { recordOfTest } from './watch-clock.ts';

/** What a person wants to do; times are milliseconds since the epoch. */
export interface Wish {
  readonly kind: ActionKind;
  readonly actor: string;
  /** The clock. */
  readonly at: number;
  /** Of `ack` and `silence`: when it ends. */
  readonly until: number | null;
  readonly note: string | null;
}

/** The row of an action; the same wish of the same moment is the same action. */
export function actionOf(
  { kind, actor, at, until, note }: Wish,
  target: Partial<PersonAction['target']>,
): PersonAction {
  const whole = { testName: null, signal: null, episodeId: null, run: null, matchers: [], ...target };
  return {
    actionId: digestOf('action', kind, actor, String(at), JSON.stringify(whole), note ?? ''),
    ...{ at, actor, via: 'cli', kind, target: whole, startsAt: null, endsAt: until, note },
  };
}

/**
 * Does something to an episode, and records who did it; as one. Answers with the episode as it is now, null when it
 * stands as it stood (it is over, or a newer one of its signal has begun): then nothing is written but a comment.
 */
export async function actOnEpisode(
  episode: Episode,
  wish: Wish & { readonly kind: EpisodeActionKind },
  { history, settings }: { readonly history: History; readonly settings: Settings },
): Promise<Episode | null> {
  const { testName, signal, episodeId, firstBad } = episode;
  const { runId, uuid, at: finishedAt } = firstBad;
  // The level that is accepted begins with the first bad run.
  const run = wish.kind === 'accept' ? { runId, uuid, finishedAt } : null;
  const action = actionOf(wish, { testName, signal, episodeId, run });
  const input = episodeActionOf(action);
  const done = input === null ? null : await recordOfTest(testName, [input], { history, settings });
  if (done === null || done.episodes.length === 0) {
    if (wish.kind === 'comment') await history.addAction(action);
    return null;
  }
  const after = done.episodes.find((one) => one.episodeId === episodeId) ?? null;
  const seen = wish.kind === 'ack' && after !== null ? await forPagers(after, wish, settings) : [];
  const notices = [...done.notices, ...seen];
  await history.recordEpisodes({ ...done, notices, actions: [action], ingestedAt: wish.at });
  return after;
}

/** That somebody has seen it: it stops a pager, and is no news to anybody else. */
async function forPagers(
  episode: Episode,
  { at, actor, note }: Wish,
  { policy: { pagers } }: Settings,
): Promise<WaitingNotice[]> {
  const isTold = episode.state === 'firing' || episode.state === 'recovering';
  if (pagers.length === 0 || !isTold) return [];
  const kind = 'acknowledged';
  const id = noticeIdOf(episode.episodeId, episode.seq, kind);
  const evidence = await noEvidence(episode);
  return [{ notice: { id, kind, at, episode, evidence, actor, note }, suppressed: false }];
}
