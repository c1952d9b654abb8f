import type { Episode, EpisodeEvent } from '../../shared/core/episodes/episode.ts';
import type { PersonAction } from '../../shared/core/person-action.ts';
import { formatTime } from '../../shared/core/time.ts';
import { formatValue } from '../../shared/render/number.ts';
import { type Column, renderTable } from '../../shared/render/table.ts';
import type { GlobalFlags } from '../config.ts';
import { withHistory } from '../ports.ts';
import { episodeJson } from './episodes.ts';
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
      note,
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

function text({ episode, steps }: Told, { width, color }: Terminal): string {
  const { testName, signal, severity, state, closedReason, badTotal, demand, firstBad, lastGood } = episode;
  const good = lastGood === null ? 'no good run before it' : `the last good one ${lastGood.runId}`;
  const head = [
    `${testName} ${signal}: ${closedReason ?? state} (${severity}, ${badTotal} bad ${badTotal === 1 ? 'run' : 'runs'})`,
    `demanded: ${demand}`,
    `first bad run ${firstBad.runId} at ${shortTime(firstBad.at)} UTC, ${good}`,
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
