import { PortError } from '../../ports/error.ts';
import type { HeldLease } from '../../ports/lease.ts';
import type { Log } from '../../ports/log.ts';
import { RemoteFailure } from '../remote/failure.ts';
import { type ObjectPlace, objectUrl } from '../remote/place.ts';
import type { Retries } from '../remote/retry.ts';
import type { GcsHttp } from './http.ts';
import { deleteLease, type LeaseNote, readLease, writeLease } from './lease-object.ts';
import { GCS } from './url.ts';

/** Calls `work` after so many milliseconds, unless the answer is called before. */
export type Timer = (work: () => void, ms: number) => () => void;

export interface HoldingPorts {
  readonly http: GcsHttp;
  readonly retries: Retries;
  readonly timer: Timer;
  /** Milliseconds since any moment; a clock that nobody sets. */
  readonly elapsed: () => number;
  readonly log: Log;
}

/** What a lease was taken with: its generation, and when the request for it set out. */
export interface Taken {
  readonly generation: string;
  readonly at: number;
}

/**
 * A lease that is held: written anew every third of its time. It counts as lost when a tenth of that time is left
 * and it could not be written, so that its holder stops before anybody else may begin.
 */
export class Holding implements HeldLease {
  private readonly controller = new AbortController();
  private readonly place: ObjectPlace;
  private readonly note: LeaseNote;
  private readonly ports: HoldingPorts;
  private taken: Taken;
  private cancel: () => void = () => {};
  private renewal: Promise<void> = Promise.resolve();
  private released: Promise<void> | null = null;
  private isOthers = false;

  constructor(
    taken: Taken,
    { place, note, ports }: { place: ObjectPlace; note: LeaseNote; ports: HoldingPorts },
  ) {
    this.taken = taken;
    this.place = place;
    this.note = note;
    this.ports = ports;
    this.plan(note.ttlMs / 3);
  }

  get lost(): AbortSignal {
    return this.controller.signal;
  }

  release(): Promise<void> {
    this.cancel();
    this.released ??= this.renewal.then(() => this.giveBack());
    return this.released;
  }

  private plan(ms: number): void {
    if (this.released !== null || this.lost.aborted) return;
    this.cancel = this.ports.timer(() => {
      this.renewal = this.renew();
    }, ms);
  }

  private async renew(): Promise<void> {
    const { http, elapsed } = this.ports;
    const tenth = this.note.ttlMs / 10;
    const at = elapsed();
    const waitMs = Math.min(Math.max(this.leftMs(), tenth), this.note.ttlMs / 3);
    try {
      const { generation } = this.taken;
      const written = await writeLease(http, this.place, { note: this.note, generation, waitMs });
      this.taken = { generation: written, at };
      this.plan(this.note.ttlMs / 3);
    } catch (error) {
      if (isGone(error) && !(await this.isStillMine())) return;
      const left = this.leftMs();
      if (left <= 0) this.lose('unavailable', `it could not be renewed: ${messageOf(error)}`);
      else this.plan(Math.min(tenth, left));
    }
  }

  /** Until it counts as lost. */
  private leftMs(): number {
    return this.taken.at + this.note.ttlMs * 0.9 - this.ports.elapsed();
  }

  /** A renewal whose answer was lost looks like another's lease until its note is read. */
  private async isStillMine(): Promise<boolean> {
    try {
      const seen = await readLease(this.ports.http, this.place);
      if (seen?.object.note?.holding === this.note.holding) {
        this.taken = { generation: seen.object.generation, at: this.taken.at };
        return true;
      }
      this.isOthers = true;
      const who = seen === null ? 'somebody deleted it' : `it was taken by ${ownerOf(seen.object.note)}`;
      this.lose('busy', who);
      return false;
    } catch {
      return true;
    }
  }

  private lose(code: 'busy' | 'unavailable', why: string): void {
    // Who gave it back has nothing to lose: a second attempt to delete finds nothing.
    if (this.released !== null) return;
    this.controller.abort(
      new PortError(code, `Lost the lease ${JSON.stringify(objectUrl(GCS, this.place))}: ${why}`),
    );
  }

  private async giveBack(): Promise<void> {
    if (this.isOthers) return;
    try {
      await this.remove();
    } catch (error) {
      const where = JSON.stringify(objectUrl(GCS, this.place));
      const soon = `it is free in ${Math.ceil(this.note.ttlMs / 1000)} s`;
      this.ports.log.warn(`Cannot give back the lease ${where}: ${messageOf(error)}; ${soon}`);
    }
  }

  private async remove(): Promise<void> {
    const { http, retries } = this.ports;
    const once = () => retries.run(() => deleteLease(http, this.place, this.taken.generation));
    try {
      await once();
    } catch (error) {
      if (!isGone(error)) throw error;
      // Written by a renewal whose answer was lost: then it has a generation that is not known here.
      if (await this.isStillMine()) await once();
    }
  }
}

function isGone(error: unknown): boolean {
  return error instanceof RemoteFailure && (error.kind === 'changed' || error.kind === 'missing');
}

function ownerOf(note: LeaseNote | null): string {
  return note === null ? 'something else' : JSON.stringify(note.owner.slice(0, 100));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
