import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bigquery } from '../../../scripts/cloud/bigquery.ts';
import { bringUp } from '../../../scripts/cloud/bring-up.ts';
import { cacheRoot } from '../../../scripts/cloud/cache.ts';
import { startChildren } from '../../../scripts/cloud/children.ts';
import { gcs } from '../../../scripts/cloud/gcs.ts';
import { pubsub } from '../../../scripts/cloud/pubsub.ts';
import type { StandIn } from '../../../scripts/cloud/stand-in.ts';

/** Which stand-ins some work needs, and the variables by which the environment names them. */
export interface NeededStandIns {
  readonly standIns: readonly StandIn[];
  readonly needed: readonly string[];
}

const GOOGLE: NeededStandIns = {
  standIns: [pubsub, bigquery, gcs],
  needed: ['TIDEMARK_TEST_PUBSUB', 'TIDEMARK_TEST_BIGQUERY', 'TIDEMARK_TEST_GCS'],
};

/**
 * Works with the stand-ins that the environment names, else with some of its own that are stopped afterwards. Where
 * this machine lacks a tool for one of them it throws, with what is missing.
 */
export async function withStandIns(
  work: () => Promise<void>,
  { standIns, needed }: NeededStandIns = GOOGLE,
): Promise<void> {
  if (needed.every((name) => process.env[name] !== undefined)) return work();
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const children = startChildren();
  const interrupt = () => void children.stop().then(() => process.exit(130));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const up = await bringUp(standIns, null, { folder, cache: cacheRoot(), children });
    const missing = up.steps.filter(({ outcome }) => outcome !== 'passed');
    if (missing.length > 0) {
      const words = missing.map((step) => `${step.name}: ${step.words}`).join('; ');
      throw new Error(`Cannot measure without all stand-ins: ${words}`);
    }
    Object.assign(process.env, up.environment);
    await work();
  } finally {
    await children.stop();
    rmSync(folder, { recursive: true, force: true });
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
