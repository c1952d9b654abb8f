import type { Log } from '../shared/ports/log.ts';

const TIMEOUT_MS = 5_000;

/**
 * Tells a dead-man's switch that a pass is done, by a GET. Whatever goes wrong costs nothing but a line in the log: the
 * switch is there to notice.
 */
export async function ping(url: string | undefined, log: Pick<Log, 'warn'>): Promise<void> {
  if (url === undefined) return;
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
    if (!answer.ok)
      log.warn(`The address of alerting.ping answered ${answer.status}; it may think that no tick ran`);
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    log.warn(`The address of alerting.ping was not reached (${why}); it may think that no tick ran`);
  }
}
