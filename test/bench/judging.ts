import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { type Measured, measure } from './process.ts';
import { AFTERWARDS, backfillText, CONDITIONS, configText, fillSpool, makeRuns } from './runs.ts';
import type { Figure } from './table.ts';

/** A whole `tick` with finished runs waiting in the spool. */
export async function tickFigures(bench: Bench): Promise<Figure[]> {
  const { folder, sizes, tell } = bench;
  const { runs: count, points, repeat } = sizes;
  tell(`${count} runs with ${points} scalars each, for a tick`);
  const made = makeRuns(join(folder, 'runs'), count, { points });
  fillSpool(join(folder, 'waiting'), made);
  writeFileSync(join(folder, 'tidemark.json'), configText());
  const passes: Measured[] = [];
  for (let pass = 0; pass < repeat; pass++) {
    const state = join(folder, `state-${pass}`);
    mkdirSync(state);
    cpSync(join(folder, 'waiting'), join(state, 'spool'), { recursive: true, preserveTimestamps: true });
    const measured = await judging(bench, ['tick', '--json'], { state });
    expectRuns(measured, count);
    tell(`tick: ${(measured.ms / 1000).toFixed(2)} s, ${measured.peakMB.toFixed(0)} MB`);
    passes.push(measured);
    rmSync(state, { recursive: true });
  }
  return [
    {
      name: `tick, ${count} runs waiting`,
      unit: 'runs/s',
      samples: passes.map(({ ms }) => (count * 1000) / ms),
      // Of fewer runs most of the time is the start of the process.
      ...(count < 1000 ? {} : { target: { kind: 'at least', value: 500 } as const }),
    },
    {
      name: `tick, ${count} runs waiting: peak memory`,
      unit: 'MB',
      samples: passes.map(({ peakMB }) => peakMB),
      target: { kind: 'below', value: 300 },
    },
  ];
}

/** `backfill` of past runs into an empty state, and then the `replay` of that state. */
export async function backfillFigures(bench: Bench): Promise<Figure[]> {
  const { folder, sizes, tell } = bench;
  const { backfill: count, points, only } = sizes;
  const repeat = Math.min(3, sizes.repeat);
  tell(`${count} runs with ${points} scalars each, for a backfill`);
  const file = join(folder, 'runs.jsonl');
  writeFileSync(file, backfillText(makeRuns(join(folder, 'runs'), count, { points })));
  writeFileSync(join(folder, 'tidemark.json'), configText());
  const fills: Measured[] = [];
  const replays: Measured[] = [];
  for (let pass = 0; pass < repeat; pass++) {
    const state = join(folder, `state-${pass}`);
    const fill = await judging(bench, ['backfill', file, '--json'], { state });
    expectRuns(fill, count);
    tell(`backfill: ${(fill.ms / 1000).toFixed(2)} s, ${fill.peakMB.toFixed(0)} MB`);
    fills.push(fill);
    if (only.includes('replay')) {
      const replay = await judging(bench, ['replay'], { state });
      tell(`replay: ${(replay.ms / 1000).toFixed(2)} s, ${replay.peakMB.toFixed(0)} MB`);
      replays.push(replay);
    }
    rmSync(state, { recursive: true });
  }
  return [
    ...(only.includes('backfill') ? passFigures(`backfill of ${count} runs`, count, { passes: fills }) : []),
    ...(only.includes('replay') ? passFigures(`replay of ${count} runs`, count, { passes: replays }) : []),
  ];
}

function passFigures(
  name: string,
  count: number,
  { passes }: { passes: readonly Measured[] },
): readonly Figure[] {
  return [
    { name, unit: 's', samples: passes.map(({ ms }) => ms / 1000) },
    { name: `${name}: rate`, unit: 'runs/s', samples: passes.map(({ ms }) => (count * 1000) / ms) },
    { name: `${name}: peak memory`, unit: 'MB', samples: passes.map(({ peakMB }) => peakMB) },
  ];
}

function judging(
  { script, folder }: Bench,
  command: readonly string[],
  { state }: { state: string },
): Promise<Measured> {
  const place = ['--state', state, '--config', join(folder, 'tidemark.json'), '--now', AFTERWARDS];
  return measure({ script, args: [...command, ...place], peakFile: join(folder, 'peak') });
}

/** A fast answer that judged nothing would be no figure. */
function expectRuns({ stdout }: Measured, count: number): void {
  const { runs } = JSON.parse(stdout) as { runs: readonly Judged[] };
  const whole = runs.filter(
    ({ conditions }) => conditions.filter(({ value }) => value !== null).length === CONDITIONS,
  );
  if (whole.length !== count)
    throw new Error(`Wanted ${count} runs judged by all conditions, got ${whole.length}`);
}

/** As much of the answer as is looked at. */
interface Judged {
  readonly conditions: readonly { readonly value: unknown }[];
}
