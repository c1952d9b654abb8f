import type { WatchedObject } from '../shared/core/watched-object.ts';

/** What is remembered of the objects of one watch: of each that is there its uid, and whether its end was told. */
export interface Ledger {
  readonly size: number;
  has(uid: string): boolean;
  isTold(uid: string): boolean;
  /** It is there, and its end is not told. */
  open(who: WatchedObject): void;
  /** Its end is told, or about to be. */
  tell(uid: string): void;
  /** It is not there any more. */
  forget(uid: string): void;
  /** Forgets all but these. Answers with those that were open: nobody saw how they ended. */
  keepOnly(uids: ReadonlySet<string>): string[];
}

/** Told ends share one value, so that ten thousand of them cost little more than their uids. */
const TOLD = '';

export function makeLedger(): Ledger {
  const entries = new Map<string, string>();
  return {
    get size() {
      return entries.size;
    },
    has: (uid) => entries.has(uid),
    isTold: (uid) => entries.get(uid) === TOLD,
    open: ({ uid, namespace, name }) => void entries.set(uid, `${namespace}/${name}`),
    tell: (uid) => void entries.set(uid, TOLD),
    forget: (uid) => void entries.delete(uid),
    keepOnly(uids) {
      const missing = [...entries].filter(([uid]) => !uids.has(uid));
      for (const [uid] of missing) entries.delete(uid);
      return missing.flatMap(([, name]) => (name === TOLD ? [] : [name]));
    },
  };
}
