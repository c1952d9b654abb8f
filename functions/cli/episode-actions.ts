import type { EpisodeActionKind } from '../../shared/core/episodes/actions.ts';
import type { Episode } from '../../shared/core/episodes/episode.ts';
import { actOnEpisode } from '../../shared/pipeline/act.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { type ActingFlags, acting, lasting } from './acting.ts';
import { episodeSubject } from './episodes.ts';
import { findById, shortId } from './find-id.ts';
import { oneLine, type Terminal } from './io.ts';
import { shortTime } from './summary.ts';

const LONGEST_ACK_MS = 30 * 86_400_000;
const DEFAULT_ACK = '7d';

/** What each action has done, in words. */
const DONE: Readonly<Record<EpisodeActionKind, (episode: Episode) => string>> = {
  ack: ({ ack }) => `acknowledged until ${shortTime(ack?.until ?? 0)} UTC: no reminders until then`,
  unack: () => 'not acknowledged any more',
  accept: ({ signal }) =>
    signal.startsWith('metric:')
      ? 'accepted: what it is now is normal from its first bad run on'
      : 'closed as accepted; the next time is another episode',
  close: () => 'closed',
  comment: () => 'comment kept',
};

/** Does something to the episode with this id, or one that begins so. */
export async function episodeActionCommand(
  kind: EpisodeActionKind,
  typed: string,
  options: { readonly flags: ActingFlags & GlobalFlags; readonly terminal: Terminal },
): Promise<number> {
  const { flags, terminal } = options;
  if (kind !== 'ack' && kind !== 'unack' && !flags.note?.trim()) {
    throw new UsageError(`Cannot ${kind} without a reason: say it with --note "…"`);
  }
  const lasts = kind === 'ack' ? lasting(flags.for ?? DEFAULT_ACK, { most: LONGEST_ACK_MS }) : null;
  const line = await acting(flags, terminal, async ({ setup, history, now, actor, note }) => {
    const all = await history.episodes({});
    const list = `${setup.command} episodes`;
    const episode = findById(typed, all, { what: 'episode', idOf: ({ episodeId }) => episodeId, list });
    const wish = { kind, actor, at: now, until: lasts === null ? null : now + lasts, note };
    const after = await actOnEpisode(episode, wish, { history, settings: setup });
    const name = `Episode ${shortId(episode.episodeId)} (${oneLine(`${episodeSubject(episode)} ${episode.signal}`)})`;
    if (after !== null) return `${name}: ${DONE[kind](after)}.`;
    if (kind === 'comment') return `${name}: comment kept.`;
    const state = episode.closedReason ?? episode.state;
    throw new UsageError(`Cannot ${kind} ${name}: it is ${state}; "${list} --open" shows what is open`);
  });
  terminal.out(`${line}\n`);
  return 0;
}
