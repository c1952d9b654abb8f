import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { random } from '../../test/bench/judge/random.ts';
import { inside } from '../../test/support/cli.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { eventFile, scalars } from '../../test/support/tfevents-writer.ts';

let top = '';
beforeEach(() => {
  top = temporaryFolder();
});

/** A run whose loss falls, `slow` times as late, with what is done to it. */
function plant(
  name: string,
  seed: number,
  { slow = 1, change = (_: number, value: number) => value } = {},
): string {
  const chance = random(seed);
  const loss = Array.from({ length: 60 }, (_, i) =>
    change(i, 0.5 + 2 * Math.exp(-i / (8 * slow)) + 0.02 * chance.normal()),
  );
  mkdirSync(join(top, name), { recursive: true });
  writeFileSync(join(top, name, 'tfevents.1'), eventFile(scalars({ loss }, { wallTime: 1000, every: 10 })));
  return join(top, name);
}

describe('health', () => {
  test('finds nothing in a healthy run', async () => {
    const { status, stdout } = await inside(['health', plant('a', 1)]);
    expect([status, stdout]).toEqual([0, 'Nothing is wrong inside the run.\n']);
  });

  test('names the first value that is no number, in words and in JSON', async () => {
    const path = plant('a', 1, { change: (i, value) => (i === 30 ? Number.NaN : value) });
    expect((await inside(['health', path])).stdout).toBe('nonfinite  loss is NaN from step 30 on\n');
    const json = JSON.parse((await inside(['health', path, '--json'])).stdout);
    expect(json).toEqual({
      findings: [
        {
          run: '.',
          kind: 'nonfinite',
          tag: 'loss',
          step: 30,
          wall_time: 1300,
          text: 'loss is NaN from step 30 on',
        },
      ],
      curves: [],
    });
  });

  test('takes silence for a stall only while the run is going', async () => {
    const path = plant('a', 1);
    const later = ['--now', '1970-01-01T01:00:00Z'];
    expect((await inside(['health', path, ...later])).stdout).toContain('Nothing is wrong');
    expect((await inside(['health', path, '--running', ...later])).stdout).toMatch(
      /^stall {2}nothing has been written/,
    );
  });

  test('holds a curve against those of earlier runs', async () => {
    const earlier = Array.from({ length: 12 }, (_, i) => plant(`e${i}`, 10 + i));
    const slow = await inside(['health', plant('slow', 40, { slow: 1.6 }), '--against', ...earlier]);
    expect(slow.stdout).toMatch(
      /^fail {2}loss lies beside the band .* of 12 earlier curves, furthest at step \d+/m,
    );
    const same = await inside(['health', plant('same', 41), '--against', ...earlier]);
    expect(same.stdout).toContain('pass  loss stays inside the band of 12 earlier curves');
    const few = await inside(['health', plant('same', 41), '--against', ...earlier.slice(0, 3)]);
    expect(few.stdout).toContain('inconclusive  loss: 3 earlier curves are too few');
  });

  test('refuses what it cannot judge', async () => {
    const path = plant('a', 1);
    const none = await inside(['health', path, '--tag', 'accuracy']);
    expect([none.status, none.stderr]).toEqual([
      2,
      expect.stringContaining('it holds no scalars called accuracy'),
    ]);
    const coverage = await inside(['health', path, '--coverage', '99']);
    expect([coverage.status, coverage.stderr]).toEqual([
      2,
      expect.stringContaining('Cannot read --coverage "99"'),
    ]);
    expect((await inside(['health', join(top, 'nowhere')])).status).toBe(2);
  });
});
