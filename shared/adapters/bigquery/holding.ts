import type { WorkingCopy } from '../../ports/tables.ts';
import type { Remote } from './remote.ts';
import { type Residence, residence } from './residence.ts';

export interface HoldingOptions {
  /** Makes an empty working copy; adapters do not know each other. */
  readonly workingCopy: () => WorkingCopy;
  /** Rows of each series before the first run to judge; more are loaded where more are asked for. */
  readonly depth: number;
  /** How far judging looks back, whatever the history holds. */
  readonly lookbackMs: number;
  /** Rows in the working copy after which it is given up at the next write, and begun anew. */
  readonly mostRows?: number;
}

/** Keeps the working copy of a pass. */
export interface Holding {
  /** Works on the copy, one call after the other; whatever fails drops the copy with all that is held back. */
  use<T>(work: (here: Residence) => Promise<T>): Promise<T>;
  /** As `use`; what the work changed, and what was held back before, is written when this answers. */
  write<T>(work: (here: Residence) => Promise<T>): Promise<T>;
  /** Writes what is held back, if there is anything. */
  flush(): Promise<void>;
  /** Drops the copy with all that is held back. */
  drop(): Promise<void>;
}

const MOST_ROWS = 400_000;

export function holdingOf(remote: Remote, options: HoldingOptions): Holding {
  let here: Residence | null = null;
  let written = 0;
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work, work);
    last = mine.catch(() => {});
    return mine;
  }

  async function drop(): Promise<void> {
    const copy = here?.copy;
    here = null;
    written = 0;
    await copy?.close();
  }

  /** After a failure nobody knows what was written: only what the store says counts. */
  async function orDrop<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await drop();
      throw error;
    }
  }

  async function open(): Promise<Residence> {
    here ??= await residence(remote, options.workingCopy(), options);
    return here;
  }

  async function writeChanges({ copy, loaded }: Residence): Promise<void> {
    const changes = copy.changes();
    if (changes.size === 0) return;
    await remote.write(changes);
    copy.clean();
    for (const rows of changes.values()) written += rows.length;
    if (loaded() + written > (options.mostRows ?? MOST_ROWS)) await drop();
  }

  return {
    use: (work) => inTurn(() => orDrop(async () => work(await open()))),
    write: (work) =>
      inTurn(() =>
        orDrop(async () => {
          const at = await open();
          const answer = await work(at);
          await writeChanges(at);
          return answer;
        }),
      ),
    flush: () =>
      inTurn(() =>
        orDrop(async () => {
          if (here !== null) await writeChanges(here);
        }),
      ),
    drop: () => inTurn(drop),
  };
}
