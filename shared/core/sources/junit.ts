import { MOST_NAMES, TOO_MANY_NAMES } from './limits.ts';
import { joinedName } from './names.ts';
import { type Notes, notes } from './notes.ts';
import { type DecimalMark, markOf, writtenNumber } from './numbers.ts';
import type { SourceResult, SourceValue } from './reading.ts';
import { textOf } from './text.ts';
import { readXml, type XmlElement } from './xml.ts';

const COUNTS = ['tests', 'failures', 'errors', 'skipped'] as const;
type Count = (typeof COUNTS)[number];
type Counts = Record<Count, number>;

/** How else writers name a count. */
const ATTRIBUTES: Readonly<Record<Count, readonly string[]>> = {
  tests: ['tests'],
  failures: ['failures'],
  errors: ['errors'],
  skipped: ['skipped', 'skips', 'skip', 'disabled'],
};

/**
 * Reads a JUnit XML report. Of every suite `<suite>/tests`, `/failures`, `/errors`, `/skipped` and `/time` in seconds
 * (a suite in another is `<outer>/<inner>`), as its attributes say or, where they do not, counted; of every case that
 * was not skipped `<classname>.<name>/time`; of all cases `total/…`. What has one name is added up, with a note. There is
 * no schema for these files, so missing attributes are no error; what is not well-formed XML is a problem.
 */
export function decodeJunit(bytes: Uint8Array): SourceResult {
  const declared = /^<\?xml[^>]{0,80}?encoding=["']([\w.-]{1,40})["']/.exec(
    ascii(bytes.subarray(0, 200)),
  )?.[1];
  const decoded = textOf(bytes, declared === undefined ? {} : { declared });
  if ('problem' in decoded) return decoded;
  const report = begin();
  const problem = readXml(decoded.text, {
    open: (element) => open(report, element),
    close: (name) => close(report, name),
  });
  if (problem !== null) return { problem };
  if (report.counts.length + report.times.length > MOST_NAMES) return { problem: TOO_MANY_NAMES };
  if (!/^testsuites?$/.test(report.root)) {
    const got = report.root.slice(0, 40);
    return { problem: `has the root <${got}>; wanted <testsuites> or <testsuite>, as JUnit reports have` };
  }
  return finish(report);
}

function ascii(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

interface Suite {
  /** Names of the suites around it and its own; empty where none has a name. */
  readonly path: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly counted: Counts;
}

interface Report {
  root: string;
  /** The suites that are open, the outermost first; `testsuites` is none of them. */
  readonly suites: Suite[];
  current: { readonly name: string; readonly time: string | undefined; readonly had: Set<Count> } | null;
  readonly all: Counts;
  /** Of the outermost suites, as they say themselves. */
  readonly said: Counts;
  readonly counts: SourceValue[];
  /** Read when all are known, since one number may tell how all are written. */
  readonly times: { readonly name: string; readonly text: string; readonly isOuter: boolean }[];
  totalTime: string | undefined;
  readonly told: Notes;
}

function none(): Counts {
  return { tests: 0, failures: 0, errors: 0, skipped: 0 };
}

function begin(): Report {
  const lists = { suites: [], counts: [], times: [] };
  return {
    root: '',
    current: null,
    all: none(),
    said: none(),
    totalTime: undefined,
    told: notes(),
    ...lists,
  };
}

const CHILDREN = new Map<string, Count>([
  ['failure', 'failures'],
  ['error', 'errors'],
  ['skipped', 'skipped'],
]);

function open(report: Report, { name, attributes }: XmlElement): void {
  const { told } = report;
  if (report.root === '') report.root = name;
  if (name === 'testsuites') report.totalTime = attributes.get('time');
  if (name === 'testsuite') {
    const path = joinedName([report.suites.at(-1)?.path, attributes.get('name')], { by: '/', told });
    report.suites.push({ path: path ?? '', attributes, counted: none() });
  } else if (name === 'testcase') {
    const had = new Set<Count>(['tests']);
    // GoogleTest's word for a case that is switched off.
    if (attributes.get('status') === 'notrun') had.add('skipped');
    const full = joinedName([attributes.get('classname'), attributes.get('name')], { by: '.', told });
    report.current = { name: full ?? '', time: attributes.get('time'), had };
  } else {
    const count = CHILDREN.get(name);
    if (count !== undefined) report.current?.had.add(count);
  }
}

function close(report: Report, name: string): void {
  // What goes beyond is told at the end, and not kept until then.
  if (report.counts.length + report.times.length > MOST_NAMES) return;
  const { current } = report;
  if (name === 'testcase' && current !== null) {
    for (const count of current.had) {
      report.all[count]++;
      const suite = report.suites.at(-1);
      if (suite !== undefined) suite.counted[count]++;
    }
    if (!current.had.has('skipped') && current.name !== '' && current.time !== undefined)
      report.times.push({ name: `${current.name}/time`, text: current.time, isOuter: false });
    report.current = null;
  }
  if (name === 'testsuite') closeSuite(report);
}

function closeSuite(report: Report): void {
  const suite = report.suites.pop();
  if (suite === undefined) return;
  const { path, attributes, counted } = suite;
  const around = report.suites.at(-1);
  for (const count of COUNTS) {
    const value = saidOf(attributes, count) ?? counted[count];
    if (path !== '') report.counts.push({ name: `${path}/${count}`, value });
    if (around === undefined) report.said[count] += value;
    else around.counted[count] += counted[count];
  }
  const text = attributes.get('time');
  const isOuter = around === undefined;
  if (text !== undefined) report.times.push({ name: path === '' ? '' : `${path}/time`, text, isOuter });
}

function saidOf(attributes: ReadonlyMap<string, string>, count: Count): number | null {
  for (const key of ATTRIBUTES[count]) {
    const text = attributes.get(key)?.trim() ?? '';
    if (/^\d{1,15}$/.test(text)) return Number(text);
  }
  return null;
}

function finish(report: Report): SourceResult {
  const { all, said, told, counts } = report;
  const { times, total } = readTimes(report);
  const sums = new Map<string, number>();
  for (const { name, value } of [...counts, ...times]) {
    if (sums.has(name)) told.add('names that come again', `${name} comes more than once and is added up`);
    sums.set(name, (sums.get(name) ?? 0) + value);
  }
  // A report may bring the suites alone.
  const of = all.tests > 0 ? all : said;
  for (const count of COUNTS) sums.set(`total/${count}`, of[count]);
  if (total !== null) sums.set('total/time', total);
  return { values: [...sums].map(([name, value]) => ({ name, value })), points: [], notes: told.all() };
}

/** Seconds of all that has them. `1,234` alone could be 1.2 s or 20 minutes, so it is left out. */
function readTimes({ times, totalTime, told }: Report): { times: SourceValue[]; total: number | null } {
  const texts = times.map(({ text }) => text.trim());
  const mark = markOf([...texts, ...(totalTime === undefined ? [] : [totalTime.trim()])]);
  const read: SourceValue[] = [];
  let outer: number | null = null;
  for (const [index, { name, isOuter }] of times.entries()) {
    const value = secondsOf(texts[index]!, mark);
    if (value === null) {
      const which = name === '' ? 'the time of a suite' : name;
      told.add('times that are left out', `${which} is ${quoted(texts[index]!)}, no plain number of seconds`);
      continue;
    }
    if (isOuter) outer = (outer ?? 0) + value;
    if (name !== '') read.push({ name, value });
  }
  const total = totalTime === undefined ? null : secondsOf(totalTime.trim(), mark);
  return { times: read, total: total ?? outer };
}

function secondsOf(text: string, mark: DecimalMark | null): number | null {
  const [point, comma] = [writtenNumber(text, '.'), writtenNumber(text, ',')];
  if (point === null || comma === null) return point ?? comma;
  if (mark !== null) return mark === '.' ? point : comma;
  return Object.is(point, comma) ? point : null;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
