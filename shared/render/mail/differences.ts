import type { RunPoint } from '../../core/episodes/episode.ts';
import type { Notice, NoticePoint, Sibling } from '../../core/episodes/notice.ts';
import { compareText } from '../../core/text-order.ts';
import { pointsOf } from '../chart/points.ts';
import { formatNumber } from '../number.ts';
import type { Block, Cell, TableBlock } from './document.ts';
import { numberText, shortRange } from './facts.ts';
import { counted, nameOf, shown, timeText } from './words.ts';

const MOST_DIFFERENCES = 10;
const MOST_SIBLINGS = 8;
const NEWEST = 5;
/** What people look for first when something has changed. */
const FIRST = ['commit', 'git_commit', 'revision', 'image', 'framework_version', 'accelerator', 'cluster'];

const CLUSTER = 'cluster';

/** What differed between two runs, and what of their facts was the same. */
export function differences(
  [from, to]: readonly [RunPoint | null, RunPoint],
  { caption, head }: { readonly caption: string; readonly head: readonly [string, string] },
): Block[] {
  // Of a run that never came nothing is known, and nothing differs.
  if (from === null || Object.keys(to.facts).length === 0) return [];
  const names = [...new Set([...Object.keys(from.facts), ...Object.keys(to.facts)])]
    // Of a cluster that only one of them names nobody knows whether it is another one.
    .filter((name) => name !== CLUSTER || (CLUSTER in from.facts && CLUSTER in to.facts))
    .sort(byInterest);
  if (names.length === 0) return [];
  const changed = names.filter((name) => from.facts[name] !== to.facts[name]);
  // That both were the first attempt is no news.
  const same = names.filter((name) => from.facts[name] === to.facts[name] && name !== 'attempt');
  const unchanged =
    same.length === 0
      ? ''
      : `The same in both: ${same
          .slice(0, 12)
          .map((name) => shown(name, 60))
          .join(', ')}${same.length > 12 ? ', …' : ''}.`;
  if (changed.length === 0) {
    const text = `Nothing that is known of the two runs differs. ${unchanged}`;
    return [{ kind: 'note', text: text.trim() }];
  }
  const table: TableBlock = {
    kind: 'table',
    caption,
    head: ['', ...head],
    rows: changed
      .slice(0, MOST_DIFFERENCES)
      .map((name) => [shown(name, 60), fact(from.facts[name]), fact(to.facts[name])]),
    rest: Math.max(0, changed.length - MOST_DIFFERENCES),
  };
  return unchanged === '' ? [table] : [table, { kind: 'note', text: unchanged }];
}

function fact(text: string | undefined): string {
  return text === undefined ? '–' : shown(text, 100);
}

function byInterest(a: string, b: string): number {
  const rank = (name: string) => {
    const place = FIRST.indexOf(name.toLowerCase());
    return place < 0 ? FIRST.length : place;
  };
  return rank(a) - rank(b) || compareText(a, b);
}

/** What became of the other metrics of the run: those that failed first. */
export function siblingsTable({ episode, evidence }: Notice): TableBlock | null {
  // On a job that failed none is judged.
  if (episode.signal === 'job') return null;
  const { siblings } = evidence;
  if (siblings.length === 0) return null;
  const sorted = [...siblings].sort(
    (a, b) => verdictRank(a) - verdictRank(b) || compareText(a.metric, b.metric),
  );
  return {
    kind: 'table',
    caption: 'Other metrics of this run',
    head: ['Metric', 'Value', 'Bounds', ''],
    rows: sorted.slice(0, MOST_SIBLINGS).map((sibling) => {
      const name = shown(sibling.metric, 80);
      const value = sibling.value === null ? '–' : numberText(name, sibling.value);
      return [name, value, shortRange(name, sibling), verdictCell(sibling)];
    }),
    rest: Math.max(0, siblings.length - MOST_SIBLINGS),
  };
}

const VERDICTS = { pass: 'fine', fail: 'failed', inconclusive: 'unclear', none: 'not judged' } as const;

function verdictCell({ verdict, isOpen = false }: Sibling): Cell {
  if (verdict === 'fail') return { text: VERDICTS.fail, tone: 'bad' };
  return isOpen ? { text: 'still open', tone: 'warn' } : VERDICTS[verdict ?? 'none'];
}

function verdictRank({ verdict, isOpen = false }: Sibling): number {
  if (verdict === 'fail') return 0;
  return isOpen ? 1 : 2 + ['inconclusive', 'pass', null].indexOf(verdict);
}

/** The newest runs one by one. */
export function newestRuns({ episode, evidence }: Notice): TableBlock | null {
  const points = pointsOf({ episode, evidence }).slice(-NEWEST).reverse();
  if (points.length === 0) return null;
  const name = nameOf(episode.signal);
  const bad: Cell =
    episode.polarity === 'good' ? { text: 'better', tone: 'good' } : { text: 'bad', tone: 'bad' };
  const row = ({ runId, at, value, isBad }: NoticePoint): Cell[] => [
    shown(runId, 120),
    timeText(at),
    value === null ? '–' : numberText(name, value),
    isBad ? bad : 'fine',
  ];
  return {
    kind: 'table',
    caption: `The last ${counted(points.length, 'run').replace(/^1 /, '')}, newest first`,
    head: ['Run', 'Ended', 'Value', ''],
    rows: points.map(row),
    rest: 0,
  };
}

/** How many of a list were left out, for below it. */
export function restText(count: number): string {
  return `and ${formatNumber(count)} more`;
}
