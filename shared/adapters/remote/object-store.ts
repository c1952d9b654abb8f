import type { ByteBudget } from './budget.ts';
import type { ObjectPlace, PlaceKind } from './place.ts';
import type { Retries } from './retry.ts';
import type { Waits } from './waits.ts';

/** One object as listed. */
export interface ListedObject {
  readonly name: string;
  readonly bytes: number;
  /** Which of the objects that have had this name; without `#`. */
  readonly version: string;
  /** Why its bytes cannot be read as they are; null when they can. */
  readonly problem: string | null;
}

/** An object as it was listed: `bytes` are all that is read of it. */
export interface PinnedObject extends ObjectPlace {
  readonly version: string;
  readonly bytes: number;
}

/** Some of the objects, and what the next question goes on with; null at the end. */
export interface Page {
  readonly objects: readonly ListedObject[];
  readonly next: string | null;
}

/** What one kind of store is asked; each method is one request, tried once. All throw RemoteFailure. */
export interface ObjectStore {
  readonly kind: PlaceKind;
  /** What would give the right to list and to read, as a part of a sentence. */
  readonly right: string;
  isVersion(text: string): boolean;
  /** Objects whose names begin with `prefix`, in any order. */
  page(bucket: string, at: { readonly prefix: string; readonly token: string | null }): Promise<Page>;
  /** The object of exactly this name; null when there is none. */
  lookUp(place: ObjectPlace): Promise<ListedObject | null>;
  /** The answer to a request for its bytes from `at` to its end; `missing` or `changed` when it is there no more. */
  ask(object: PinnedObject, at: number, waits: Waits): Promise<Response>;
  /** Limits for one request. */
  waits(): Waits;
}

/** A store, and what all that read from it share. */
export interface Reach {
  readonly store: ObjectStore;
  readonly retries: Retries;
  readonly budget: ByteBudget;
}
