import type { Episode } from '../../core/episodes/episode.ts';
import type { NoiseLine, WeeklyMail, WeekSummary } from '../../core/mail-request.ts';
import { formatDuration, formatNumber } from '../number.ts';
import type { Block, MailDocument, Section, TableBlock, Tone } from './document.ts';
import { footerOf } from './footer.ts';
import { subjectLine } from './subject.ts';
import { counted, dayText, nameOf, shown, timeText } from './words.ts';

const MOST_EPISODES = 20;
const MOST_NOISE = 10;
const MOST_NAMES = 20;

/** The summary of a week. It comes when all is well, too: silence must never have to mean "fine". */
export function weeklyDocument(request: WeeklyMail): MailDocument {
  const { week } = request;
  const fired = new Set(week.fired.map(({ episodeId }) => episodeId));
  const verdict =
    week.open.length === 0
      ? 'nothing is open'
      : `${counted(week.open.length, 'episode')} ${week.open.length === 1 ? 'is' : 'are'} open`;
  const counts = `${formatNumber(week.fired.length)} fired, ${formatNumber(week.closed.length)} closed`;
  return {
    subject: subjectLine(request.subject ?? '[tidemark] the week'),
    title: `${dayText(week.from)} to ${dayText(week.until)}: ${verdict}`,
    preheader: `${verdict.charAt(0).toUpperCase()}${verdict.slice(1)}; ${counts}; ${counted(week.runs, 'run')} of ${counted(week.tests, 'test')} judged`,
    date: request.date,
    sections: [
      overview(week, counts),
      ...episodes('Open', week.open, { tone: 'bad', until: week.until }),
      ...episodes('Fired this week, and not open any more', week.fired.filter(isOver), {
        tone: 'warn',
        until: week.until,
      }),
      ...episodes(
        'Closed this week',
        week.closed.filter(({ episodeId }) => !fired.has(episodeId)),
        { tone: 'good', until: week.until },
      ),
      ...episodes('Better since this week', week.improved ?? [], { tone: 'good', until: week.until }),
      ...noise(week),
      ...silences(request),
      ...names('Learning', week.learning, 'These have too few runs to be judged by their history:'),
      ...names(
        'Nobody named',
        week.unrouted,
        'Only the fallback addresses hear of these; give each an owner or a route:',
      ),
      commands(request),
    ],
    footer: footerOf({ ...request, silences: [] }, []),
  };
}

function isOver({ state }: Episode): boolean {
  return state === 'closed';
}

function overview({ open, tests, runs }: WeekSummary, counts: string): Section {
  const state = open.length === 0 ? 'ALL IS WELL' : 'OPEN EPISODES';
  const text = `${counted(runs, 'run')} of ${counted(tests, 'test')} judged. ${counts}.`;
  const tone: Tone = open.length === 0 ? 'good' : 'bad';
  return { tone, state, heading: null, blocks: [{ kind: 'sentence', text }] };
}

function episodes(
  heading: string,
  list: readonly Episode[],
  { tone, until }: { readonly tone: Tone; readonly until: number },
): Section[] {
  if (list.length === 0) return [];
  const table: TableBlock = {
    kind: 'table',
    caption: '',
    head: ['Test', 'What', 'Since', 'State'],
    rows: list
      .slice(0, MOST_EPISODES)
      .map((episode) => [
        shown(episode.testName, 100),
        nameOf(episode.signal),
        dayText(episode.firstBad.at),
        stateText(episode, until),
      ]),
    rest: Math.max(0, list.length - MOST_EPISODES),
  };
  return [{ tone, state: null, heading, blocks: [table] }];
}

function stateText({ state, closedReason, firstBad, closedAt, ack }: Episode, until: number): string {
  const lasted = formatDuration(Math.max(0, (closedAt ?? until) - firstBad.at) / 1000);
  if (state === 'closed') return `${(closedReason ?? 'closed').replaceAll('_', ' ')} after ${lasted}`;
  return `${state} for ${lasted}${ack === null ? '' : `, acknowledged by ${shown(ack.by, 60)}`}`;
}

function noise({ noise: tests, noisyRules }: WeekSummary): Section[] {
  const blocks = [...noiseBlocks('By test', tests), ...noiseBlocks('The noisiest rules', noisyRules)];
  return blocks.length === 0 ? [] : [{ tone: 'quiet', state: null, heading: 'Noise', blocks }];
}

function noiseBlocks(caption: string, lines: readonly NoiseLine[]): Block[] {
  if (lines.length === 0) return [];
  const told = lines.slice(0, MOST_NOISE);
  const table: TableBlock = {
    kind: 'table',
    caption,
    head: ['Test', 'Suspected', 'Noise'],
    rows: told.map(noiseRow),
    rest: lines.length - told.length,
  };
  const helps = told.flatMap((line): Block[] =>
    line.suggestion === null
      ? []
      : [{ kind: 'note', text: `${noiseName(line)}: ${shown(line.suggestion, 300)}` }],
  );
  return [table, ...helps];
}

function noiseRow(line: NoiseLine): string[] {
  const { suspects, noise: none } = line;
  const share = suspects > 0 ? ` (${Math.round((100 * none) / suspects)} %)` : '';
  return [noiseName(line), formatNumber(suspects), `${formatNumber(none)}${share}`];
}

function noiseName({ testName, signal }: NoiseLine): string {
  return shown(signal === null ? testName : `${testName} · ${signal.replace(/^metric:/, '')}`, 200);
}

function silences({ silences: list }: WeeklyMail): Section[] {
  if (list.length === 0) return [];
  const table: TableBlock = {
    kind: 'table',
    caption: '',
    head: ['Silence', 'By', 'Ends'],
    rows: list
      .slice(0, MOST_NOISE)
      .map(({ matcher, by, until }) => [shown(matcher, 120), shown(by, 80), timeText(until)]),
    rest: Math.max(0, list.length - MOST_NOISE),
  };
  return [{ tone: 'quiet', state: null, heading: 'Silences that end', blocks: [table] }];
}

function names(heading: string, list: readonly string[], text: string): Section[] {
  if (list.length === 0) return [];
  const first = list.slice(0, MOST_NAMES).map((name) => shown(name, 80));
  const rest = list.length > MOST_NAMES ? ` and ${formatNumber(list.length - MOST_NAMES)} more` : '';
  return [
    {
      tone: 'quiet',
      state: null,
      heading,
      blocks: [{ kind: 'note', text: `${text} ${first.join(', ')}${rest}.` }],
    },
  ];
}

function commands({ command, week }: WeeklyMail): Section {
  const tidemark = shown(command, 200);
  return {
    tone: 'quiet',
    state: null,
    heading: 'Look further',
    blocks: [
      {
        kind: 'commands',
        commands: [
          ...(week.open.length === 0
            ? []
            : [{ what: 'All open episodes', command: `${tidemark} episodes --open` }]),
          { what: 'Where things stand', command: `${tidemark} status` },
        ],
      },
    ],
  };
}
