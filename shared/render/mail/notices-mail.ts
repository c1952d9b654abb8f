import type { Notice } from '../../core/episodes/notice.ts';
import { isOfTidemark } from '../../core/episodes/tidemark-itself.ts';
import type { NoticesMail } from '../../core/mail-request.ts';
import { compareText } from '../../core/text-order.ts';
import { chartData } from '../chart/chart-data.ts';
import { commandsOf } from './commands.ts';
import type { Block, Command, ListRow, MailDocument, Section } from './document.ts';
import { footerOf } from './footer.ts';
import { preheaderOf, shortHeadline } from './headline.ts';
import { MAX_CHARTS, MAX_DETAILED, MAX_ROWS } from './limits.ts';
import { goingOn, worstFirst, worstOf } from './order.ts';
import { rowOf, runsKey, sectionOf, stillOpenLine } from './section.ts';
import { subjectLine, threadSubject } from './subject.ts';
import { counted, nameOf, shown, stateOf, subjectName, subjectsCounted } from './words.ts';

const SHORT_LIST = 8;

/** A notice whose chart is in the mail, and the content id of the picture. */
export interface PlannedChart {
  readonly notice: Notice;
  readonly cid: string;
}

/** The notices of a mail that get a chart: the worst ones with enough values, three at most. */
export function plannedCharts({ notices, kind, key }: NoticesMail): PlannedChart[] {
  if (kind === 'reminder') return [];
  return worstFirst(notices)
    .filter((notice) => notice.kind !== 'closed' && chartData(notice) !== null)
    .slice(0, MAX_CHARTS)
    .map((notice, index) => ({ notice, cid: `chart${index + 1}.${key.slice(0, 24)}@tidemark` }));
}

/** The mail of some notices. Throws a RangeError when there is none. */
export function noticesDocument(request: NoticesMail): MailDocument {
  const notices = worstFirst(request.notices);
  if (notices.length === 0) throw new RangeError('A mail needs at least one notice');
  return request.kind === 'test' ? testDocument(request, notices) : listDocument(request, notices);
}

function testDocument(request: NoticesMail, notices: readonly Notice[]): MailDocument {
  const [first] = notices as readonly [Notice, ...Notice[]];
  const charts = new Map(plannedCharts(request).map((chart) => [chart.notice.id, chart]));
  const detailed = notices.slice(0, MAX_DETAILED);
  const sections = detailed.map((notice, index) => {
    const sameRuns = detailed.slice(0, index).some((one) => runsKey(one) === runsKey(notice));
    return sectionOf(notice, { chart: charts.get(notice.id) ?? null, sameRuns });
  });
  const rest = notices.slice(MAX_DETAILED);
  const more = notices.length > 1 ? ` (+${notices.length - 1})` : '';
  return {
    subject: request.subject === null ? threadSubject(leader(notices)) : subjectLine(request.subject),
    title: subjectName(first.episode),
    preheader: `${preheaderOf(first, stateOf(first.kind, first.episode).word)}${more}`,
    date: request.date,
    sections: [
      ...sections,
      ...(rest.length === 0 ? [] : [listSection(rest)]),
      ...stillOpen(request),
      ...commandSection(testCommands(detailed, request.command)),
    ],
    footer: footerOf(request, notices),
  };
}

/** Who gives a thread its name: of what is worst and began first the one that is nearest to the cause. */
function leader(notices: readonly Notice[]): Notice['episode'] {
  const worst = worstOf(notices);
  const loud = goingOn(notices).filter(({ episode }) => episode.severity === worst);
  const earliest = Math.min(...loud.map(({ episode }) => episode.firstBad.at));
  return loud.find(({ episode }) => episode.firstBad.at === earliest)!.episode;
}

function listDocument(request: NoticesMail, notices: readonly Notice[]): MailDocument {
  const title = titleOf(request, notices);
  const charts = plannedCharts(request).map(({ notice, cid }) => {
    const { blocks, ...section } = sectionOf(notice, { chart: { cid } });
    return {
      ...section,
      heading: subjectName(notice.episode),
      blocks: blocks.filter(({ kind }) => kind === 'sentence' || kind === 'chart'),
    };
  });
  return {
    subject: request.subject === null ? listSubject(request, notices) : subjectLine(request.subject),
    title,
    preheader: preheaderOfList(notices),
    date: request.date,
    sections: [
      ...causeSection(request, notices),
      // A long list would hide the pictures behind it.
      ...(notices.length > SHORT_LIST
        ? [...charts, listSection(notices)]
        : [listSection(notices), ...charts]),
      ...stillOpen(request),
      ...commandSection(listCommands(request, notices)),
    ],
    footer: footerOf(request, notices),
  };
}

function testsOf(notices: readonly Notice[]): string[] {
  return [...new Set(notices.map(({ episode }) => episode.testName))];
}

function titleOf({ kind, cause }: NoticesMail, notices: readonly Notice[]): string {
  const tests = subjectsCounted(notices.map(({ episode }) => episode));
  if (kind === 'incident' && cause !== null) return `${tests} went bad together: ${causeText(cause)}`;
  if (kind === 'reminder') return `${counted(notices.length, 'episode')} of ${tests} still open`;
  return `News of ${tests}`;
}

function causeText({ label, value }: { readonly label: string; readonly value: string }): string {
  return `${shown(label, 60)} ${shown(value, 120)}`;
}

function listSubject(request: NoticesMail, notices: readonly Notice[]): string {
  const { kind, cause } = request;
  const worst = worstOf(notices);
  if (kind === 'incident' && cause !== null)
    return subjectLine(`[${worst}] ${counted(testsOf(notices).length, 'test')} · ${causeText(cause)}`);
  const [{ episode }, ...others] = notices as readonly [Notice, ...Notice[]];
  if (others.length === 0 && kind === 'digest') return threadSubject(episode);
  const names = [...new Set(notices.map((one) => subjectName(one.episode, 60)))];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  const one = others.length === 0 && !isOfTidemark(episode) ? ` · ${nameOf(episode.signal)}` : '';
  const what =
    kind === 'reminder' ? `still open: ${names.slice(0, 3).join(', ')}` : names.slice(0, 3).join(', ');
  return subjectLine(`[${worst}] ${what}${more}${one}`);
}

function preheaderOfList(notices: readonly Notice[]): string {
  const counts = new Map<string, number>();
  for (const { kind, episode } of notices) {
    const { word } = stateOf(kind, episode);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const states = [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
  const [first] = notices as readonly [Notice, ...Notice[]];
  return `${states}: ${subjectName(first.episode, 80)}: ${shortHeadline(first)}`;
}

function causeSection({ cause }: NoticesMail, notices: readonly Notice[]): Section[] {
  if (cause === null) return [];
  const tests = testsOf(notices).length;
  const text = `${counted(tests, 'test')} went bad in the same pass, and all their runs have ${shown(cause.label, 60)} ${shown(cause.value, 160)} in common. Look there first: it is more likely than ${tests} causes at once.`;
  return [{ tone: 'bad', state: 'COMMON CAUSE', heading: null, blocks: [{ kind: 'sentence', text }] }];
}

function listSection(notices: readonly Notice[]): Section {
  const rows: ListRow[] = notices.slice(0, MAX_ROWS).map(rowOf);
  const tone = rows[0]?.tone ?? 'quiet';
  const list: Block = { kind: 'list', rows, rest: notices.length - rows.length };
  return { tone, state: null, heading: null, blocks: [list] };
}

function stillOpen({ stillOpen: episodes, notices }: NoticesMail): Section[] {
  if (episodes.length === 0) return [];
  const oneTest = new Set([...testsOf(notices), ...episodes.map(({ testName }) => testName)]).size === 1;
  const sorted = [...episodes].sort(
    (a, b) => compareText(a.testName, b.testName) || compareText(a.signal, b.signal),
  );
  const blocks: Block[] = sorted.slice(0, 10).map((episode) => ({
    kind: 'note',
    text: `${oneTest ? '' : `${subjectName(episode, 80)}: `}${stillOpenLine(episode)}`,
  }));
  const rest: Block[] = sorted.length > 10 ? [{ kind: 'note', text: `and ${sorted.length - 10} more` }] : [];
  return [{ tone: 'warn', state: null, heading: 'Still open', blocks: [...blocks, ...rest] }];
}

function listCommands(request: NoticesMail, notices: readonly Notice[]): Command[] {
  const [first] = notices as readonly [Notice, ...Notice[]];
  const overview = { what: 'All open episodes', command: `${shown(request.command, 200)} episodes --open` };
  const one = commandsOf(first, request.command).filter(({ command }) => / verdict | ack /.test(command));
  return [overview, ...one];
}

/** Everything for the first notice; of the others only what answers them. */
function testCommands(notices: readonly Notice[], command: string): Command[] {
  return distinct(
    notices.flatMap((notice, index) =>
      commandsOf(notice, command).filter((one) => index === 0 || !/ (?:query|verdict) /.test(one.command)),
    ),
  );
}

function distinct(commands: readonly Command[]): Command[] {
  return [...new Map(commands.map((one) => [one.command, one])).values()];
}

function commandSection(commands: readonly Command[]): Section[] {
  if (commands.length === 0) return [];
  return [{ tone: 'quiet', state: null, heading: 'Look further', blocks: [{ kind: 'commands', commands }] }];
}
