import { createHash } from 'node:crypto';
import type { GateDeps, Kept } from '../../functions/gate/handler.ts';
import { guardOf } from '../../functions/gate/tokens.ts';
import { memoryHistory } from '../../shared/adapters/memory/history.ts';
import type { JobRow } from '../../shared/core/rows.ts';
import type { History } from '../../shared/ports/history.ts';
import { day, ended, job, judge, metric } from './history-rows.ts';

export const TOKEN = 'a-token-for-load';

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A judged load test by k6 of a version. */
export async function judgeLoad(
  history: History,
  version: string,
  { n, p95, fields = {} }: { readonly n: number; readonly p95: number; readonly fields?: Partial<JobRow> },
): Promise<void> {
  const run = ended(`r${n}`, n, { testName: 'load' });
  const row = job(run, { labels: { version }, ...fields });
  await judge(history, run, [metric('http_req_duration/p95', p95, { verdict: null })], { job: row });
}

interface Given {
  readonly sleep?: GateDeps['sleep'];
  readonly others?: NonNullable<GateDeps['others']>;
  readonly history?: History;
}

/** A gate over a history in memory; its clock goes on by what is slept. */
export function gateOn(given: Given = {}) {
  const history = given.history ?? memoryHistory();
  const kept: Kept[] = [];
  const log: string[] = [];
  const line = (message: string) => void log.push(message);
  let now = day(30);
  const deps: GateDeps = {
    history: async () => history,
    guard: guardOf([
      { sha256: sha256(TOKEN), tests: ['load', 'other-*'] },
      { sha256: sha256('all'), tests: ['*'] },
    ]),
    tests: new Map(),
    clock: { now: () => now },
    log: { info: line, warn: line, error: line },
    keep: async (verdict) => void kept.push(verdict),
    sleep: async (ms) => {
      now += ms;
      await given.sleep?.(ms);
    },
    ...(given.others === undefined ? {} : { others: given.others }),
  };
  return { deps, history, kept, log, now: () => now };
}
