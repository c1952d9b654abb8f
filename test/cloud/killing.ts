import { setTimeout as sleep } from 'node:timers/promises';
import { openHistory } from '../../functions/adapters.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { CloudStage } from '../support/cloud-stage.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { storageStandIn } from '../support/stand-ins.ts';

/** What the killed process asked for is still done; its lease outlives it by far longer than that takes. */
export async function isQuiet(proxy: FaultProxy): Promise<void> {
  while (proxy.requests.some(({ wasForwarded, upstream }) => wasForwarded && upstream === null))
    await sleep(50);
  proxy.use([]);
}

/** The lease of a dead process is free after two minutes. Deleting it is what its end does, only sooner. */
export async function freeLease({ env }: CloudStage): Promise<void> {
  const [, bucket = '', name = ''] = /^gs:\/\/([^/]+)\/(.+)$/.exec(env.TIDEMARK_LEASE!) ?? [];
  const url = `${storageStandIn().endpoint}/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  const response = await fetch(url, { method: 'DELETE' });
  if (!response.ok && response.status !== 404) throw new Error(`Cannot free the lease: ${response.status}`);
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32, public domain). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How far the work on a stage has come, in rows; `journal` are those that were written and not applied. */
export interface Progress {
  readonly events: number;
  readonly jobs: number;
  readonly mails: number;
  readonly journal: number;
}

const PROGRESS = `SELECT (SELECT COUNT(*) FROM run_events) AS events, (SELECT COUNT(*) FROM job_history) AS jobs,
  (SELECT COUNT(*) FROM alert_outbox WHERE status = 'sent') AS mails, (SELECT COUNT(*) FROM write_journal) AS journal`;

export async function progressOf({ env }: CloudStage): Promise<Progress> {
  try {
    const history = await openHistory(env.TIDEMARK_HISTORY!, { create: false, env });
    const { rows } = await history.query(PROGRESS);
    const [[events, jobs, mails, journal] = []] = [...rows];
    await history.close();
    return { events: Number(events), jobs: Number(jobs), mails: Number(mails), journal: Number(journal) };
  } catch (error) {
    // The process was killed before it had made its tables.
    if (error instanceof PortError && error.code === 'not-found')
      return { events: 0, jobs: 0, mails: 0, journal: 0 };
    throw error;
  }
}
