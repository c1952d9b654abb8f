import { dirname, resolve } from 'node:path';
import { PortError } from '../shared/ports/error.ts';
import type { HeldLease } from '../shared/ports/lease.ts';
import type { Log } from '../shared/ports/log.ts';
import { historyFile, isEmbedded, openLease } from './adapters.ts';
import type { Environment, Setup } from './config.ts';

/**
 * Holds every lease under which somebody writes to these histories while the work is done: a lock beside each that is
 * a file, the configured one for BigQuery. `mayWrite` throws once one of them is lost. Throws PortError `busy` when
 * somebody else holds one, UsageError when a history in BigQuery has none.
 */
export async function withLeases<T>(
  { setup, histories }: { readonly setup: Setup; readonly histories: readonly string[] },
  { env, log }: { readonly env: Environment; readonly log: Log },
  work: (mayWrite: () => void) => Promise<T>,
): Promise<T> {
  // Files of one folder have one lock.
  const embedded = Map.groupBy(histories.filter(isEmbedded), (url) => resolve(dirname(historyFile(url))));
  const remote = histories.find((url) => !isEmbedded(url));
  const wanted: Setup[] = [...embedded.values()].map(([history]) => ({
    ...setup,
    history: history!,
    lease: undefined,
  }));
  // Two datasets have one lease: there is one setting for it, and whoever ticks on either holds it.
  if (remote !== undefined || setup.lease !== undefined)
    wanted.push({ ...setup, history: remote ?? setup.history });
  const held: HeldLease[] = [];
  try {
    for (const one of wanted) held.push(await acquired(one, { env, log }));
    const lost = AbortSignal.any(held.map((lease) => lease.lost));
    return await work(() => {
      if (!lost.aborted) return;
      throw new PortError(
        'busy',
        'The lease was lost to somebody else: stopped here; start the command again',
      );
    });
  } finally {
    for (const lease of held) await lease.release();
  }
}

async function acquired(
  setup: Setup,
  around: { readonly env: Environment; readonly log: Log },
): Promise<HeldLease> {
  const lease = await (await openLease(setup, around)).acquire();
  if (lease !== null) return lease;
  throw new PortError('busy', `A tick is at work on ${setup.history}: wait until it has ended and try again`);
}
