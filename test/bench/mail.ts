// `npm run bench -- mail`: a chart, a mail with three of them, and the mails of 500 tests that fail at once, drawn and
// rendered in this process.
import { openCharts } from '../../functions/adapters.ts';
import { illustratedMail } from '../../shared/pipeline/pictures.ts';
import { silentLog } from '../../shared/ports/log.ts';
import { chartsOf, renderMail } from '../../shared/render/mail/render-mail.ts';
import { changed, FIRING, mailOf } from '../golden/mail/fixtures.ts';
import { bytesOf } from '../support/mail-bytes.ts';
import { readSizes } from './sizes.ts';
import { type Figure, figureTable } from './table.ts';

const FULL = { repeat: 50, tests: 500 };
const TINY = { repeat: 2, tests: 10 };

const THREE = mailOf(
  ['a', 'b', 'c'].map((name) =>
    changed(FIRING, { notice: { id: name }, episode: { signal: `metric:${name}` } }),
  ),
);

/** Prints one Markdown table. */
export async function mailBench(argv: readonly string[]): Promise<void> {
  const { repeat, tests } = readSizes(argv, { full: FULL, tiny: TINY }).sizes;
  const figures = [...(await chartFigures(repeat)), ...(await mailFigures(Math.ceil(repeat / 5), tests))];
  process.stdout.write(`${figureTable(figures)}\n`);
}

async function chartFigures(repeat: number): Promise<Figure[]> {
  const charts = openCharts();
  const [{ svg } = { svg: '' }] = chartsOf(THREE);
  const first = await timed(() => charts.draw(svg));
  const later = [];
  for (let n = 0; n < repeat; n += 1) later.push(await timed(() => charts.draw(svg)));
  const sizes = [first, ...later].map(({ value }) => value.length / 1000);
  return [
    { name: 'the first chart, with what draws it', unit: 'ms', samples: [first.ms] },
    {
      name: 'a chart of 60 runs',
      unit: 'ms',
      samples: later.map(({ ms }) => ms),
      target: { kind: 'below', value: 30 },
    },
    {
      name: 'a chart of 60 runs: processor',
      unit: 'ms',
      samples: later.map(({ processorMs }) => processorMs),
    },
    { name: 'a chart: PNG', unit: 'kB', samples: sizes, target: { kind: 'below', value: 40 } },
  ];
}

async function mailFigures(repeat: number, tests: number): Promise<Figure[]> {
  const ports = { charts: openCharts(), log: silentLog };
  const mail = await illustratedMail(THREE, ports);
  const many = mailOf(
    Array.from({ length: tests }, (_, n) =>
      changed(FIRING, { notice: { id: `n${n}` }, episode: { testName: `test-${n}`, threadId: `t${n}` } }),
    ),
    { kind: 'incident', cause: { label: 'image', value: 'nightly:1118', incidentId: 'i' } },
  );
  const rendered = [];
  for (let n = 0; n < repeat; n += 1) rendered.push(await timed(async () => renderMail(many)));
  return [
    {
      name: 'a mail with three charts, as sent',
      unit: 'kB',
      samples: [(await bytesOf(mail)).length / 1000],
      target: { kind: 'below', value: 150 },
    },
    { name: `one mail of ${tests} tests, without charts`, unit: 'ms', samples: rendered.map(({ ms }) => ms) },
    {
      name: `one mail of ${tests} tests: HTML`,
      unit: 'kB',
      samples: rendered.map(({ value }) => Buffer.byteLength(value.html) / 1000),
      target: { kind: 'below', value: 90 },
    },
  ];
}

/** Time on a clock, and of the processor: what else the machine does is only in the first. */
async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number; processorMs: number }> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(used);
  return { value, ms: performance.now() - start, processorMs: (user + system) / 1000 };
}
