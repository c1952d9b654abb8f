import { randomUUID } from 'node:crypto';
import { PortError } from '../../ports/error.ts';
import type { Client } from './client.ts';
import { failureOf } from './errors.ts';

export type Sleep = (ms: number) => Promise<void>;

const MOST_TRIES = 5;
const FIRST_WAIT_MS = 500;

/**
 * Tries something a few times, with longer and longer waits, and throws what it threw last. As long as nobody knows
 * whether a job was begun it keeps its id, so that it is begun once; a job that has failed is begun anew.
 */
export async function tries<T>(sleep: Sleep, work: (jobId: string) => Promise<T>): Promise<T> {
  let id = newJobId();
  for (let count = 1; ; count++) {
    try {
      return await work(id);
    } catch (error) {
      const again = error instanceof PortError ? null : failureOf(error).again;
      if (again === null || count === MOST_TRIES) throw error;
      if (again === 'job') id = newJobId();
      await sleep(FIRST_WAIT_MS * 2 ** (count - 1) * (1 + Math.random()));
    }
  }
}

function newJobId(): string {
  return `tidemark_${randomUUID()}`;
}

/** The same calls about tables and datasets, each tried a few times; jobs are tried where their ids are known. */
export function patient(client: Client, sleep: Sleep): Client {
  return {
    ...client,
    table: (dataset, name) => tries(sleep, () => client.table(dataset, name)),
    createTable: (...given) => tries(sleep, () => client.createTable(...given)),
    changeTable: (...given) => tries(sleep, () => client.changeTable(...given)),
    hasDataset: (dataset) => tries(sleep, () => client.hasDataset(dataset)),
    createDataset: (...given) => tries(sleep, () => client.createDataset(...given)),
  };
}
