/** A text by itself means a list of that one. */
export type OneOrMore<T extends string = string> = T | readonly T[];

/** A list, however it was written; nothing is an empty one. */
export function listOf<T extends string>(given: OneOrMore<T> | undefined): readonly T[] {
  if (given === undefined) return [];
  return typeof given === 'string' ? [given] : given;
}
