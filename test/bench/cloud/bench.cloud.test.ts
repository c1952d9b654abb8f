import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../support/command.ts';
import { ROOT } from '../../support/repository.ts';
import { describeWith } from '../../support/stand-ins.ts';

describeWith(['pubsub', 'gcs', 'bigquery'], 'the benchmark of the function', () => {
  test('measures two ticks, counts requests, works out the bill and starts every kind of process', async () => {
    const main = join(ROOT, 'test/bench/main.ts');
    // With the stand-ins that run already.
    const { code, stdout, stderr } = await run([process.execPath, main, 'cloud', '--tiny'], {
      cwd: ROOT,
      env: process.env,
    });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const rows = [...stdout.matchAll(/^\| (?<name>[^|]+?) +\| +(?<value>[\d.]+|NaN) \|/gm)];
    const figures = new Map(rows.map(({ groups }) => [groups!.name, Number(groups!.value)]));
    for (const name of [
      'tick, 8 runs over and 8 open',
      'tick, 8 runs over and 8 open: peak memory',
      'Cloud Storage a finished run',
      'Kubernetes a finished run',
      'BigQuery a finished run',
      'Pub/Sub a finished run',
      'tick, nothing new and 8 runs open',
      'bare Node, first answer',
      'bundle, first answer (empty tick, every SDK)',
    ]) {
      expect(figures.get(name), name).toBeGreaterThan(0);
    }
    expect(stdout).toMatch(/the tick that finds everything: \d+ MiB billed/);
  });
});
