import type { Episode } from '../../shared/core/episodes/episode.ts';
import { isOfTidemark } from '../../shared/core/episodes/tidemark-itself.ts';
import { formatTime } from '../../shared/core/time.ts';
import { type Column, renderTable } from '../../shared/render/table.ts';
import type { GlobalFlags } from '../config.ts';
import { withHistory } from '../ports.ts';
import { shortId } from './find-id.ts';
import type { Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';
import { shortTime } from './summary.ts';

export interface EpisodesFlags {
  readonly open?: boolean;
  readonly json?: boolean;
}

/** Shows incidents, of one test or of all. */
export async function episodesCommand(
  testName: string | undefined,
  flags: EpisodesFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const episodes = await withHistory(setup, terminal.env, async (history) => {
    if (testName !== undefined) await requireTest(testName, history, setup);
    return history.episodes({
      ...(testName === undefined ? {} : { testName }),
      ...(flags.open === true ? { open: true } : {}),
    });
  });
  terminal.out(
    flags.json === true
      ? `${JSON.stringify({ episodes: episodes.map(episodeJson) })}\n`
      : `${episodesText(episodes, terminal)}\n`,
  );
  return 0;
}

/** One episode of `episodes --json` (contracts §6). */
export function episodeJson(episode: Episode): object {
  const time = (ms: number | null) => (ms === null ? null : formatTime(ms));
  return {
    episode_id: episode.episodeId,
    test_name: episode.testName,
    signal: episode.signal,
    polarity: episode.polarity,
    state: episode.state,
    closed_reason: episode.closedReason,
    opened_at: time(episode.openedAt),
    fired_at: time(episode.firedAt),
    closed_at: time(episode.closedAt),
    first_bad_run_id: episode.firstBad.runId,
    last_good_run_id: episode.lastGood?.runId ?? null,
    bad_total: episode.badTotal,
  };
}

/** The test that an episode is of; of Tidemark itself that name. */
export function episodeSubject(episode: Episode): string {
  return isOfTidemark(episode) ? 'Tidemark' : episode.testName;
}

const PAINTED = { firing: 'red', recovering: 'yellow', suspect: 'yellow' } as const;

const COLUMNS: readonly Column[] = [
  { title: 'EPISODE', min: 10 },
  { title: 'TEST', min: 12 },
  { title: 'SIGNAL', min: 14 },
  {
    title: 'STATE',
    min: 9,
    paint: (shown, { text, color }) => {
      const style = PAINTED[text as keyof typeof PAINTED];
      return style === undefined ? shown : color[style](shown);
    },
  },
  { title: 'FIRST BAD', min: 16 },
  { title: 'CLOSED', min: 16 },
  { title: 'BAD RUNS', align: 'right' },
];

/** A table of episodes, oldest first; a sentence when there is none. */
export function episodesText(
  episodes: readonly Episode[],
  { width, color }: Pick<Terminal, 'width' | 'color'>,
): string {
  if (episodes.length === 0) return 'No episode.';
  const rows = episodes.map((episode) => [
    shortId(episode.episodeId),
    episodeSubject(episode),
    episode.polarity === 'good' ? `${episode.signal} (better)` : episode.signal,
    stateOf(episode),
    shortTime(episode.firstBad.at),
    episode.closedAt === null ? '' : shortTime(episode.closedAt),
    String(episode.badTotal),
  ]);
  return renderTable(COLUMNS, rows, { width, color });
}

function stateOf({ state, closedReason, ack }: Episode): string {
  if (state === 'closed') return closedReason ?? state;
  return ack === null ? state : `${state}, ack by ${ack.by}`;
}
