import type { CompareSubject } from '../core/comparing/comparison-json.ts';
import type { CompareSettings, Comparison, Finding } from '../core/comparing/finding.ts';
import { changeText, findingSentence, intervalText, pText } from './compare-sentence.ts';
import { markdownText, xmlText } from './markup.ts';
import { plain } from './plain.ts';
import { type Column, renderTable } from './table.ts';

const COLOR = { pass: 'green', fail: 'red', inconclusive: 'yellow' } as const;
const COLUMNS: readonly Column[] = [
  { title: 'METRIC', min: 12 },
  { title: 'N', align: 'right', min: 5 },
  { title: 'A TO B', min: 14 },
  { title: 'DIFFERENCE (95 %)', min: 12 },
  { title: 'TEST', min: 8 },
  { title: 'P', align: 'right', min: 6 },
  {
    title: 'VERDICT',
    min: 12,
    paint: (shown, { text, color }) => color[COLOR[text as keyof typeof COLOR]](shown),
  },
];

/** A comparison for people: a line, a table that fits the terminal, a sentence for each metric. */
export function comparisonText(
  { subject, by, a, b }: CompareSubject,
  { verdict, findings, notes }: Comparison,
  options: { readonly width: number; readonly color: boolean; readonly settings: CompareSettings },
): string {
  const rows = findings.map((finding) => [
    finding.metric,
    finding.a.n === finding.b.n ? String(finding.a.n) : `${finding.a.n}/${finding.b.n}`,
    changeText(finding),
    intervalText(finding),
    finding.test,
    pText(finding.adjusted),
    finding.verdict,
  ]);
  const confidence = `DIFFERENCE (${Number((100 * (1 - options.settings.alpha)).toPrecision(6))} %)`;
  const columns = COLUMNS.map((one) => (one.title.startsWith('DIFF') ? { ...one, title: confidence } : one));
  const sides = `A: ${plain(by)} ${plain(a)}   B: ${plain(by)} ${plain(b)}`;
  const head = `${plain(subject)}: ${verdict}\n${sides}`;
  if (findings.length === 0) return `${head}\n\nNo metric has values on both sides.\n`;
  const sentences = findings.map((finding) => findingSentence(finding, options.settings));
  const told = [...sentences, ...findings.flatMap(moveLines), ...notes.map(plain)];
  return `${head}\n\n${renderTable(columns, rows, options)}\n\n${told.join('\n')}\n`;
}

const MOST_MOVES = 10;

/** Which classes have become which. */
function moveLines({ moves = [] }: Finding): string[] {
  const shown = moves.slice(0, MOST_MOVES).map(({ from, to, forth, back }) => {
    const other = back === 0 ? 'none' : String(back);
    return `  ${forth} from ${plain(from)} to ${plain(to)}, ${other} back`;
  });
  const left = moves.length - shown.length;
  return left > 0 ? [...shown, `  and between ${left} more pairs of classes`] : shown;
}

/** The same as Markdown, for summaries of pipelines. */
export function comparisonMarkdown(
  { subject, by, a, b }: CompareSubject,
  { verdict, findings }: Comparison,
  settings: CompareSettings,
): string {
  const lines = findings.map((finding) => {
    const cells = [finding.metric, changeText(finding), intervalText(finding), pText(finding.adjusted)];
    return `| ${cells.map(markdownText).join(' | ')} | **${finding.verdict}** |`;
  });
  const table = [
    '| metric | A to B | difference | p | verdict |',
    '| --- | --- | --- | ---: | --- |',
    ...lines,
  ];
  const sentences = findings.map((finding) => `- ${markdownText(findingSentence(finding, settings))}`);
  const title = `### ${markdownText(subject)}: ${verdict}`;
  const sides = `A is ${markdownText(by)} ${markdownText(a)}, B is ${markdownText(by)} ${markdownText(b)}.`;
  return `${[title, '', sides, '', ...table, '', ...sentences].join('\n')}\n`;
}

/** The same as JUnit XML, a test case a metric: what is inconclusive is skipped. */
export function comparisonJunit(
  { subject, by, a, b }: CompareSubject,
  { findings }: Comparison,
  settings: CompareSettings,
): string {
  const name = `${subject} by ${by}: ${a} against ${b}`;
  const count = (verdict: string) => findings.filter((finding) => finding.verdict === verdict).length;
  const cases = findings.map((finding) => {
    const text = xmlText(findingSentence(finding, settings));
    const open = `    <testcase classname="${xmlText(subject)}" name="${xmlText(finding.metric)}"`;
    if (finding.verdict === 'pass') return `${open}/>`;
    const tag = finding.verdict === 'fail' ? 'failure' : 'skipped';
    return `${open}><${tag} message="${text}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${xmlText(name)}" tests="${findings.length}" failures="${count('fail')}" skipped="${count('inconclusive')}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
