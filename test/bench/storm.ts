// `npm run bench -- storm`: a simulated year played twice, once in peace and once with messages that come again and in
// any order and ticks that die anywhere (`--series 40 --runs 365 --seed 7`); and a tick in which 500 tests fail at once
// (`--tests 500`). Throws when the two years differ. `--tiny` for continuous integration.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  heritageOf,
  playCalm,
  playStorm,
  stormyYear,
  takenMails,
  type YearSizes,
} from '../support/stormy-year.ts';
import { bundledCommandLine } from './bundle.ts';
import { measure } from './process.ts';
import { readSizes } from './sizes.ts';
import { type Figure, figureTable } from './table.ts';

const FULL = { series: 40, runs: 365, seed: 7, tests: 500, repeat: 5 };
const TINY = { series: 2, runs: 130, seed: 7, tests: 10, repeat: 1 };

const OWNERS = 4;
const NIGHTS = 12;

/** Prints one Markdown table. */
export async function stormBench(argv: readonly string[]): Promise<void> {
  const { tests, repeat, ...year } = readSizes(argv, { full: FULL, tiny: TINY }).sizes;
  const top = mkdtempSync(join(tmpdir(), 'tidemark-storm-'));
  try {
    const figures = [
      ...(await yearFigures(join(top, 'year'), year)),
      ...(await outageFigures(join(top, 'outage'), { tests, repeat })),
    ];
    process.stdout.write(`${figureTable(figures)}\n`);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

async function yearFigures(folder: string, sizes: YearSizes): Promise<Figure[]> {
  const year = stormyYear(sizes);
  const [calm, storm] = [join(folder, 'calm'), join(folder, 'storm')];
  await playCalm(calm, year);
  const { deaths, deliveries } = await playStorm(storm, year, { seed: sizes.seed + 1 });
  const [expected, found] = [heritageOf(calm), heritageOf(storm)];
  if (JSON.stringify(found.tables) !== JSON.stringify(expected.tables)) throw new Error('the tables differ');
  const extra = [...found.mails].filter(([name, text]) => expected.mails.get(name) !== text);
  if (extra.length > 0) throw new Error(`${extra[0]![0]} was sent in the storm only, or is another mail`);
  const missing = [...expected.mails.keys()].filter((name) => !found.mails.has(name));
  const taken = takenMails(storm).map((key) => key.slice(0, 12));
  const lost = missing.filter((name) => !taken.some((key) => name.includes(key)));
  if (lost.length > 0) throw new Error(`${lost[0]} was lost`);
  const one = (name: string, value: number, unit: string): Figure => ({ name, unit, samples: [value] });
  const what = `a year of ${sizes.series} tests, ${sizes.runs} nights, seed ${sizes.seed}`;
  return [
    one(`${what}: deliveries in the storm`, deliveries, 'messages'),
    one(`${what}: ticks that died`, deaths, 'ticks'),
    one(`${what}: episodes, the same in both`, expected.tables.alert_episodes?.length ?? 0, 'episodes'),
    one(`${what}: mails of the year in peace`, expected.mails.size / 2, 'mails'),
    one(`${what}: ends and reminders that a death took`, missing.length / 2, 'mails'),
    one(`${what}: mails that differ or are too many`, extra.length, 'mails'),
  ];
}

async function outageFigures(
  folder: string,
  { tests, repeat }: { readonly tests: number; readonly repeat: number },
): Promise<Figure[]> {
  mkdirSync(folder, { recursive: true });
  const script = bundledCommandLine(join(folder, 'dist'));
  const names = Array.from({ length: tests }, (_, n) => `test-${n}`);
  const config = {
    tests: Object.fromEntries(names.map((name, n) => [name, { owner: [`owner-${n % OWNERS}@example.com`] }])),
  };
  writeFileSync(join(folder, 'tidemark.json'), JSON.stringify(config));
  const past = names.flatMap((name) => Array.from({ length: NIGHTS }, (_, night) => pastLine(name, night)));
  writeFileSync(join(folder, 'runs.jsonl'), past.join('\n'));
  const passes = [];
  for (let pass = 0; pass < repeat; pass++) {
    const state = join(folder, `state-${pass}`);
    const common = ['--state', state, '--config', join(folder, 'tidemark.json')];
    await measure({ script, args: ['backfill', join(folder, 'runs.jsonl'), ...common] });
    failAll(join(state, 'spool', 'incoming'), names);
    const args = ['tick', '--json', '--now', '2026-09-13T06:00:00Z', ...common];
    passes.push(await measure({ script, args, peakFile: join(folder, 'peak') }));
    const mails = readdirSync(join(state, 'mail')).filter((name) => name.endsWith('.eml'));
    if (mails.length !== Math.min(OWNERS, tests))
      throw new Error(`${mails.length} mails for ${OWNERS} owners`);
    rmSync(state, { recursive: true });
  }
  const title = `${tests} tests fail at once, ${OWNERS} owners, one mail each`;
  return [
    {
      name: title,
      unit: 's',
      samples: passes.map(({ ms }) => ms / 1000),
      target: { kind: 'below', value: 5 },
    },
    {
      name: `${title}: peak memory`,
      unit: 'MB',
      samples: passes.map(({ peakMB }) => peakMB),
      target: { kind: 'below', value: 300 },
    },
  ];
}

const atNight = (night: number, hour: number) =>
  `2026-09-${String(night + 1).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00Z`;

function pastLine(test_name: string, night: number): string {
  const times = { started_at: atNight(night, 1), finished_at: atNight(night, 2) };
  return JSON.stringify({
    test_name,
    job_name: `${test_name}-${night}`,
    model_dir: '',
    outcome: 'success',
    ...times,
  });
}

function failAll(incoming: string, names: readonly string[]): void {
  mkdirSync(incoming, { recursive: true });
  for (const test_name of names) {
    const run_id = `${test_name}-${NIGHTS}`;
    const times = { started_at: atNight(NIGHTS, 1), finished_at: atNight(NIGHTS, 2) };
    const data = { run_id, test_name, outcome: 'failure', labels: { image: 'nightly:1118' }, ...times };
    const id = `${run_id}/1/finished`;
    const event = { specversion: '1.0', type: 'io.tidemark.run.finished.v1', source: '//bench', id };
    writeFileSync(
      join(incoming, `${run_id}.json`),
      JSON.stringify({ ...event, time: atNight(NIGHTS, 2), data }),
    );
  }
}
