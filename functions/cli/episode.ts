import type { Episode, EpisodeEvent } from '../../shared/core/episodes/episode.ts';
import { isOfTidemark } from '../../shared/core/episodes/tidemark-itself.ts';
import type { PersonAction } from '../../shared/core/person-action.ts';
import { formatTime } from '../../shared/core/time.ts';
import { formatValue } from '../../shared/render/number.ts';
import { type Column, renderTable } from '../../shared/render/table.ts';
import type { GlobalFlags } from '../config.ts';
import { withHistory } from '../ports.ts';
import { episodeJson, episodeSubject } from './episodes.ts';
import { findById } from './find-id.ts';
import { oneLine, type Terminal } from './io.ts';
import { begin } from './open-ports.ts';
import { shortTime } from './summary.ts';

/** Shows one incident from its beginning on: every step with its run, and what people said. */
export async function episodeCommand(
  typed: string,
  flags: { readonly json?: boolean } & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const told = await withHistory(setup, terminal.env, async (history) => {
    const all = await history.episodes({});
    const list = `${setup.command} episodes`;
    const episode = findById(typed, all, { what: 'episode', idOf: ({ episodeId }) => episodeId, list });
    const [events, actions] = [await history.episodeEvents(episode.episodeId), await history.actions()];
    const comments = actions.filter(
      ({ kind, target }) => kind === 'comment' && target.episodeId === episode.episodeId,
    );
    return { episode, steps: stepsOf(events, comments) };
  });
  terminal.out(flags.json === true ? `${JSON.stringify(json(told))}\n` : text(told, terminal));
  return 0;
}

/** One line of the story: a run, the clock or a person. */
interface Step {
  readonly at: number;
  readonly what: string;
  readonly state: string;
  readonly reason: string | null;
  readonly value: string;
  readonly who: string;
  readonly note: string | null;
}

interface Told {
  readonly episode: Episode;
  readonly steps: readonly Step[];
}

function stepsOf(events: readonly EpisodeEvent[], comments: readonly PersonAction[]): Step[] {
  const moved = events.map(
    ({ at, kind, runId, reason, actor, note, after }): Step => ({
      at,
      what: kind,
      state: after.closedReason ?? after.state,
      reason: reason === after.closedReason ? null : reason,
      value: runId === after.lastRun.runId ? formatValue(after.lastRun.value, after.lastRun.valueKind) : '',
      who: actor ?? runId ?? '',
      note: note ?? saidIn(runId, after),
    }),
  );
  // What was said of a closed episode is no step of it any more.
  const isStep = (comment: PersonAction) =>
    events.some(
      ({ at, actor, note }) => at === comment.at && actor === comment.actor && note === comment.note,
    );
  const said = comments
    .filter((comment) => !isStep(comment))
    .map(
      ({ at, actor, note }): Step => ({
        at,
        what: 'comment',
        state: '',
        reason: null,
        value: '',
        who: actor,
        note,
      }),
    );
  return [...moved, ...said].sort((a, b) => a.at - b.at);
}

/** What did not work in a bad tick of Tidemark itself; null: it is of a test, or was not bad. */
function saidIn(runId: string | null, { lastBad, signal }: Episode): string | null {
  if (!isOfTidemark({ signal }) || runId !== lastBad.runId) return null;
  return Object.entries(lastBad.facts)
    .map(([word, said]) => `${word}: ${said}`)
    .join('; ');
}

function json({ episode, steps }: Told): object {
  return {
    ...episodeJson(episode),
    steps: steps.map(({ at, ...step }) => ({ at: formatTime(at), ...step })),
  };
}

const COLUMNS: readonly Column[] = [
  { title: 'WHEN (UTC)', min: 16 },
  { title: 'WHAT', min: 9 },
  { title: 'STATE', min: 9 },
  { title: 'REASON', min: 6 },
  { title: 'VALUE', align: 'right', min: 9 },
  { title: 'RUN OR PERSON', min: 12 },
  { title: 'NOTE', min: 8 },
];

/** Which good ticks there were before is not kept. */
function goodBefore(episode: Episode): string {
  if (isOfTidemark(episode)) return '';
  const { lastGood } = episode;
  return lastGood === null ? ', no good run before it' : `, the last good one ${lastGood.runId}`;
}

function text({ episode, steps }: Told, { width, color }: Terminal): string {
  const { signal, severity, state, closedReason, badTotal, demand, firstBad } = episode;
  const word = isOfTidemark(episode) ? 'tick' : 'run';
  const head = [
    `${episodeSubject(episode)} ${signal}: ${closedReason ?? state} (${severity}, ${badTotal} bad ${word}${badTotal === 1 ? '' : 's'})`,
    `demanded: ${demand}`,
    `first bad ${word} ${firstBad.runId} at ${shortTime(firstBad.at)} UTC${goodBefore(episode)}`,
  ];
  const rows = steps.map(({ at, what, state: to, reason, value, who, note }) => [
    shortTime(at),
    what,
    to,
    reason ?? '',
    value === 'missing' ? '' : value,
    who,
    note ?? '',
  ]);
  return `${head.map(oneLine).join('\n')}\n\n${renderTable(COLUMNS, rows, { width, color })}\n`;
}
