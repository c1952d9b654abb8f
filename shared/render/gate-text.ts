import type { CheckJson, VerdictBody } from '../core/gate/record.ts';
import { splitReason } from '../core/reason.ts';
import { markdownText, xmlText } from './markup.ts';
import { formatNumber } from './number.ts';
import { plain } from './plain.ts';
import { type Column, renderTable } from './table.ts';

const COLOR = { pass: 'green', fail: 'red', inconclusive: 'yellow', pending: 'blue' } as const;
const COLUMNS: readonly Column[] = [
  { title: 'METRIC', min: 12 },
  { title: 'VALUE', align: 'right', min: 8 },
  { title: 'LOWER', align: 'right', min: 8 },
  { title: 'UPPER', align: 'right', min: 8 },
  { title: 'RULE', min: 10 },
  {
    title: 'VERDICT',
    min: 12,
    paint: (shown, { text, color }) => color[COLOR[text as keyof typeof COLOR]](shown),
  },
];

/** How many characters of an id are shown; as many suffice to ask for it again. */
const SHOWN_ID = 12;

/** A verdict of a gate for people: a line, a table of what has numbers, a sentence for each reason. */
export function gateText(
  body: VerdictBody,
  { id, width, color }: { readonly id: string; readonly width: number; readonly color: boolean },
): string {
  const rows = body.checks.flatMap((check) => {
    const { metric, value, lower, upper, rule, verdict } = check;
    return metric === null
      ? []
      : [[metric, numberText(value), numberText(lower), numberText(upper), rule, verdict]];
  });
  const table = rows.length === 0 ? [] : ['', renderTable(COLUMNS, rows, { width, color }), ''];
  const kept = body.verdict === 'pending' ? [] : [`Kept as verdict ${id.slice(0, SHOWN_ID)}.`];
  const lines = [headline(body), ...aside(body), ...table, ...body.reasons.map(checkSentence), ...kept];
  return `${lines.join('\n')}\n`;
}

function headline({ test_name, version, verdict }: VerdictBody): string {
  return `${plain(test_name)} ${plain(version)}: ${verdict}`;
}

/** What was looked at beside the candidate's own runs. */
function aside({ baseline, policy, runs }: VerdictBody): string[] {
  const beside = baseline === null ? [] : [`against ${sideText(baseline)}`];
  const demanded = policy.text === null ? [] : [`policy ${plain(policy.text)}`];
  const looked = runs.map(({ run_id, outcome }) => `run ${plain(run_id)} (${outcome})`);
  const parts = [...looked, ...beside, ...demanded];
  return parts.length === 0 ? [] : [parts.join(', ')];
}

function sideText({ by, value, n }: NonNullable<VerdictBody['baseline']>): string {
  return `${plain(by)} ${plain(value)} (${n} ${n === 1 ? 'run' : 'runs'})`;
}

function numberText(value: number | string | null): string {
  return value === null ? '' : formatNumber(Number(value));
}

const SENTENCES: Readonly<Record<string, string>> = {
  no_run: 'no run of this version is known yet',
  running: 'a run of this version has not ended, or is not judged yet',
  baseline: 'the baseline has no successful run to be held against',
  dataset: 'the baseline has no run on the same dataset',
};

/** Why something is no pass, in one line. */
export function checkSentence({ metric, rule, reason, value, lower, upper, n, verdict }: CheckJson): string {
  const { word, detail } = splitReason(reason ?? '');
  if (metric === null) {
    if (word === 'runs') return `only ${n} ${n === 1 ? 'run' : 'runs'} of this version so far`;
    if (word === 'outcome') return `a run of this version ended as ${plain(detail)}`;
    return SENTENCES[word] ?? `a run of this version is ${verdict}`;
  }
  const name = plain(metric);
  const by = rule === 'condition' ? '' : ` (${plain(rule)})`;
  if (value === null) return `${name} is missing${by}`;
  const is = `${name} is ${numberText(value)}`;
  if (word === 'above' && upper !== null) return `${is}, above ${numberText(upper)}${by}`;
  if (word === 'below' && lower !== null) return `${is}, below ${numberText(lower)}${by}`;
  if (word === 'baseline') return `${is}; the baseline gives no bound${by}`;
  return `${is}: ${verdict}${word === '' ? '' : `, ${plain(reason!)}`}${by}`;
}

/** The same as Markdown, for the summary of a pipeline's step. */
export function gateMarkdown(body: VerdictBody): string {
  const lines = body.checks.map(({ metric, value, lower, upper, rule, verdict }) => {
    const cells = [metric ?? '', numberText(value), numberText(lower), numberText(upper), rule];
    return `| ${cells.map(markdownText).join(' | ')} | **${verdict}** |`;
  });
  const table =
    lines.length === 0
      ? []
      : [
          '| metric | value | lower | upper | rule | verdict |',
          '| --- | ---: | ---: | ---: | --- | --- |',
          ...lines,
          '',
        ];
  const title = `### ${markdownText(headline(body))}`;
  const reasons = body.reasons.map((check) => `- ${markdownText(checkSentence(check))}`);
  return `${[title, '', ...aside(body).map(markdownText), '', ...table, ...reasons].join('\n')}\n`;
}

/** Commands of GitHub Actions: one line each, which the runner shows beside the commit. */
export function gateAnnotations(body: VerdictBody): string {
  const kind = { pass: 'notice', fail: 'error', inconclusive: 'warning', pending: 'warning' }[body.verdict];
  const lines = [headline(body), ...body.reasons.map(checkSentence)];
  return lines.map((line) => `::${kind} title=Tidemark::${line.replaceAll('%', '%25')}\n`).join('');
}

/** The same as JUnit XML, a test case a check: what is inconclusive or pending is skipped. */
export function gateJunit(body: VerdictBody): string {
  const failures = body.checks.filter(({ verdict }) => verdict === 'fail').length;
  const skipped = body.checks.filter(
    ({ verdict }) => verdict === 'inconclusive' || verdict === 'pending',
  ).length;
  const cases = body.checks.map((check) => {
    const open = `    <testcase classname="${xmlText(body.test_name)}" name="${xmlText(check.metric ?? check.rule)}"`;
    if (check.verdict === 'pass') return `${open}/>`;
    const tag = check.verdict === 'fail' ? 'failure' : 'skipped';
    return `${open}><${tag} message="${xmlText(checkSentence(check))}"/></testcase>`;
  });
  const name = xmlText(`${body.test_name} ${body.version}`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="${name}" tests="${body.checks.length}" failures="${failures}" skipped="${skipped}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
