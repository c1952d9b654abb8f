import { silencesOf } from '../../shared/core/delivery/silences.ts';
import type { Episode } from '../../shared/core/episodes/episode.ts';
import { formatTime } from '../../shared/core/time.ts';
import type { IndexedRun, OutboxEntry } from '../../shared/ports/history.ts';
import { renderTable } from '../../shared/render/table.ts';
import type { GlobalFlags } from '../config.ts';
import { withHistory } from '../ports.ts';
import { episodeJson, episodesText } from './episodes.ts';
import { shortId } from './find-id.ts';
import { oneLine, type Terminal } from './io.ts';
import { begin } from './open-ports.ts';
import { shortTime } from './summary.ts';

export interface StatusFlags {
  readonly json?: boolean;
}

type Silence = ReturnType<typeof silencesOf>[number];

interface Status {
  readonly open: readonly IndexedRun[];
  readonly counts: Readonly<Record<string, number>>;
  readonly episodes: readonly Episode[];
  /** Mails that did not get through, or of which nobody knows. */
  readonly stuck: readonly OutboxEntry[];
  readonly silences: readonly Silence[];
}

/** Shows what is open, what did not get through, and how much there is of everything. */
export async function statusCommand(flags: StatusFlags & GlobalFlags, terminal: Terminal): Promise<number> {
  const { setup, clock } = await begin(flags, terminal);
  const status = await withHistory(setup, terminal.env, async (history): Promise<Status> => {
    const actions = await history.actions({ kinds: ['silence', 'unsilence'] });
    const waiting = await history.mails(['pending', 'uncertain', 'failed']);
    return {
      open: await history.openRuns(),
      counts: await history.counts(),
      episodes: await history.episodes({ open: true }),
      stuck: waiting.filter(({ detail, attempts }) => attempts > 0 && detail !== null),
      silences: silencesOf(actions).filter(({ endsAt }) => endsAt > clock.now()),
    };
  });
  terminal.out(flags.json ? `${JSON.stringify(statusJson(status))}\n` : statusText(status, terminal));
  return 0;
}

function statusJson({ open, counts, episodes, stuck, silences }: Status): object {
  return {
    counts,
    open: open.map(openJson),
    episodes: episodes.map(episodeJson),
    mails: stuck.map(({ mail, channel, address, status, attempts, detail }) => {
      return { message_key: mail.key, channel, address, subject: mail.subject, status, attempts, detail };
    }),
    silences: silences.map(({ id, matchers, by, startsAt, endsAt, note }) => {
      return { id, matchers, by, starts_at: formatTime(startsAt), ends_at: formatTime(endsAt), note };
    }),
  };
}

function openJson({ testName, runId, attempt, startedAt, checkAt }: IndexedRun): object {
  return {
    test_name: testName,
    run_id: runId,
    attempt,
    started_at: startedAt === null ? null : formatTime(startedAt),
    given_up_at: checkAt === null ? null : formatTime(checkAt),
  };
}

function statusText(status: Status, terminal: Terminal): string {
  const { width, color } = terminal;
  const { open, counts, episodes, stuck, silences } = status;
  const rows = Object.entries(counts).map(([name, count]) => [name.replaceAll('_', ' '), String(count)]);
  const parts = [
    renderTable([{ title: 'WHAT' }, { title: 'COUNT', align: 'right' }], rows, { width, color }),
    open.length === 0 ? 'No run is open.' : openRuns(open, terminal),
    ...(episodes.length === 0 ? [] : [episodesText(episodes, terminal)]),
    ...(stuck.length === 0 ? [] : [stuckMails(stuck, terminal)]),
    ...(silences.length === 0 ? [] : [silencesText(silences, terminal)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

type Shape = Pick<Terminal, 'width' | 'color'>;

function openRuns(open: readonly IndexedRun[], { width, color }: Shape): string {
  const columns = [
    { title: 'OPEN TEST', min: 12 },
    { title: 'RUN', min: 12 },
    { title: 'STARTED (UTC)', min: 16 },
    { title: 'GIVEN UP AFTER', min: 16 },
  ];
  const lines = open.map(({ testName, runId, startedAt, checkAt }) => [
    testName,
    runId,
    startedAt === null ? '' : shortTime(startedAt),
    checkAt === null ? '' : shortTime(checkAt),
  ]);
  return renderTable(columns, lines, { width, color });
}

function stuckMails(stuck: readonly OutboxEntry[], { width, color }: Shape): string {
  const columns = [
    { title: 'MAIL TO', min: 16 },
    { title: 'STATUS', min: 9 },
    { title: 'TRIES', align: 'right' as const },
    { title: 'WHAT WAS SAID', min: 30 },
  ];
  const lines = stuck.map(({ address, status, attempts, detail }) => [
    address,
    status,
    String(attempts),
    oneLine(detail ?? ''),
  ]);
  return renderTable(columns, lines, { width, color });
}

function silencesText(silences: readonly Silence[], { width, color }: Shape): string {
  const columns = [
    { title: 'SILENCE', min: 10 },
    { title: 'ON', min: 16 },
    { title: 'UNTIL (UTC)', min: 16 },
    { title: 'BY', min: 8 },
    { title: 'NOTE', min: 12 },
  ];
  const lines = silences.map(({ id, matchers, by, endsAt, note }) => [
    shortId(id),
    matchers.join(' '),
    shortTime(endsAt),
    by,
    oneLine(note ?? ''),
  ]);
  return renderTable(columns, lines, { width, color });
}
