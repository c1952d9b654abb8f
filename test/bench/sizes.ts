import { parseArgs } from 'node:util';

/** What a benchmark takes beside its sizes: `--only a --only b`. */
export interface Given<Name extends string> {
  readonly sizes: Readonly<Record<Name, number>>;
  readonly isTiny: boolean;
  readonly only: readonly string[] | null;
}

/**
 * Reads `--NAME 5` for every size of `full`; with `--tiny`, for continuous integration, what is not given is that of
 * `tiny`. Throws with a sentence for what is no whole number above 0.
 */
export function readSizes<Name extends string>(
  argv: readonly string[],
  {
    full,
    tiny,
  }: {
    readonly full: Readonly<Record<Name, number>>;
    readonly tiny: NoInfer<Readonly<Record<Name, number>>>;
  },
): Given<Name> {
  const names = Object.keys(full) as Name[];
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
      only: { type: 'string', multiple: true },
      tiny: { type: 'boolean' },
    },
  });
  const usual = values.tiny ? tiny : full;
  const given = values as Readonly<Record<string, string | undefined>>;
  const sizes = names.map((name) => [name, wholeNumber(name, given[name] ?? usual[name])]);
  return {
    sizes: Object.fromEntries(sizes) as Record<Name, number>,
    isTiny: values.tiny ?? false,
    only: values.only ?? null,
  };
}

function wholeNumber(name: string, given: string | number): number {
  const size = Number(given);
  if (Number.isInteger(size) && size >= 1) return size;
  throw new Error(`Cannot read --${name} "${given}": wanted a whole number above 0`);
}
