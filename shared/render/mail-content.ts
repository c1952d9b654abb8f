import type { AlertItem } from '../core/alert-item.ts';
import { tidy } from './mail-facts.ts';
import { cut, plain } from './plain.ts';
import { headline, signalName } from './sentence.ts';
import { shellCommand } from './shell.ts';
import { type TestGroup, worstFirst } from './worst-first.ts';

/** What one mail is about. */
export interface MailRequest {
  readonly items: readonly AlertItem[];
  readonly to: readonly string[];
  readonly from: string;
  /** Hex digest that identifies the mail. */
  readonly key: string;
  /** Milliseconds since the epoch, the mail's `Date`. */
  readonly date: number;
  /** Tests of this mail that have no owner: for them the addresses are the fallback ones. */
  readonly unowned?: readonly string[];
  /** The config file as the person knows it; `tidemark.yaml` unless told. */
  readonly configFile?: string;
  /** What to type before a command, with the options that find this state; `tidemark` unless told. */
  readonly command?: string;
}

/** What text and HTML both say: groups of tidied items, worst first, and the sentences around them. */
export interface MailContent {
  readonly title: string;
  readonly groups: readonly TestGroup[];
  readonly count: number;
  readonly date: number;
  readonly commands: readonly string[];
  readonly why: string;
}

const SUBJECT_MAX = 120;
const PREFIX = '[tidemark] ';
/** Commands are shown for the worst tests only; a list of a hundred helps nobody. */
const COMMAND_TESTS = 3;
/** A longer name cannot be pasted with any profit. */
const LONGEST_NAME = 200;

/** Puts what the mail says into words and order. Needs at least one item. */
export function mailContent(request: MailRequest): MailContent {
  if (request.items.length === 0) throw new RangeError('A mail needs at least one item');
  const groups = worstFirst(request.items);
  const tidied = groups.map(({ items }) => {
    const clean = items.map(tidy);
    return { testName: clean[0]!.testName, items: clean };
  });
  return {
    title: titleOf(tidied),
    groups: tidied,
    count: request.items.length,
    date: request.date,
    commands: commandsFor(groups, plain(request.command ?? 'tidemark')),
    why: whyOf(groups, request),
  };
}

function titleOf(groups: readonly TestGroup[]): string {
  const [first] = groups;
  if (groups.length > 1) return `${groups.length} tests got worse: ${names(groups)}`;
  const more = first!.items.length - 1;
  return `${first!.testName}: ${headline(first!.items[0]!)}${more > 0 ? ` and ${more} more` : ''}`;
}

/** As many names as a subject has room for, then how many are left. */
function names(groups: readonly TestGroup[]): string {
  const room = SUBJECT_MAX - PREFIX.length - `${groups.length} tests got worse: `.length;
  const all = groups.map(({ testName }) => testName);
  if (all.join(', ').length <= room) return all.join(', ');
  for (let shown = all.length - 1; shown > 0; shown -= 1) {
    const text = `${all.slice(0, shown).join(', ')} and ${all.length - shown} more`;
    if (text.length <= room) return text;
  }
  return `${cut(all[0]!, room - 20)} and ${all.length - 1} more`;
}

/** The subject: one line without control or bidi characters, at most 120 code points. */
export function subjectOf({ title }: MailContent): string {
  return cut(plain(`${PREFIX}${title}`), SUBJECT_MAX);
}

/** Built from the names as they are, not from the tidied ones: what is pasted must find the test. */
function commandsFor(groups: readonly TestGroup[], command: string): string[] {
  const commands: string[] = [];
  for (const { testName, items } of groups.slice(0, COMMAND_TESTS)) {
    if (testName.length > LONGEST_NAME) continue;
    commands.push(shellCommand(`${command} verdict`, testName));
    const metric = items.find(({ signal }) => signal.startsWith('metric:'));
    if (metric !== undefined && metric.signal.length <= LONGEST_NAME) {
      commands.push(shellCommand(`${command} history`, testName, { metric: signalName(metric) }));
    }
  }
  return commands;
}

function whyOf(groups: readonly TestGroup[], request: MailRequest): string {
  const file = cut(plain(request.configFile ?? 'tidemark.yaml'), 200);
  const unowned = new Set(request.unowned);
  const orphans = groups.filter(({ testName }) => unowned.has(testName)).length;
  const tests = groups.length === 1 ? 'this test' : 'these tests';
  if (orphans === 0) return `You get this mail because ${file} names you as owner of ${tests}.`;
  if (orphans === groups.length) {
    const no = groups.length === 1 ? 'this test has no owner' : 'these tests have no owner';
    return `You get this mail because ${no} in ${file} and alerting.fallback names you.`;
  }
  const rest = orphans === 1 ? '1 test without an owner comes' : `${orphans} tests without an owner come`;
  return `You get this mail because ${file} names you as owner; ${rest} to you through alerting.fallback.`;
}
