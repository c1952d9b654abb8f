/** Of many sentences of one kind a person reads the first few. */
const TOLD = 3;

/** Collects what a person should know, in a size that no file can blow up. */
export interface Notes {
  /** `kind` is what is counted when there are many, such as `lines left out`. */
  add(kind: string, sentence: string): void;
  all(): string[];
}

export function notes(): Notes {
  const kinds = new Map<string, { readonly told: string[]; count: number }>();
  return {
    add(kind, sentence) {
      const found = kinds.get(kind) ?? { told: [], count: 0 };
      kinds.set(kind, found);
      found.count++;
      if (found.told.length < TOLD) found.told.push(sentence);
    },
    all: () =>
      [...kinds].flatMap(([kind, { told, count }]) =>
        count > told.length ? [...told, `and ${count - told.length} more ${kind}`] : told,
      ),
  };
}
