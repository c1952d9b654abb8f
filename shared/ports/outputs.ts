/** Where outputs of two versions lie, and what belongs together. Names are those of columns. */
export interface OutputQuestion {
  readonly a: string;
  readonly b: string;
  /** Names of tables, `{version}` where the version stands, such as `outputs_{version}`. */
  readonly outputs: string;
  /** Another table of a version with further columns, and what joins it; null: all columns are in `outputs`. */
  readonly inputs: { readonly table: string; readonly on: readonly string[] } | null;
  /** What makes two rows the same input. */
  readonly pair: readonly string[];
  readonly value: string;
  /** The column that has the right answer; null where nobody knows it. */
  readonly truth: string | null;
}

/** How many rows there are, and how many belong together. */
export interface OutputCounts {
  readonly a: number;
  readonly b: number;
  /** Rows of a side whose pair columns another row of that side has too. */
  readonly doubledA: number;
  readonly doubledB: number;
  readonly paired: number;
}

/** How often A said one thing where B said another; null is a row without an answer. */
export interface LabelPair {
  readonly a: string | null;
  readonly b: string | null;
  readonly count: number;
}

/** Who was right on how many pairs. */
export interface RightCounts {
  /** Pairs of which the right answer is known. */
  readonly n: number;
  readonly unknown: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly both: number;
}

/**
 * Stored outputs of two versions. Everything that one `Outputs` answers is from one moment. Throws PortError: `missing`
 * (a table or column that is not there), `denied`, `invalid`, `unavailable` (also when it takes too long).
 */
export interface Outputs {
  /** What the value column holds. */
  kindOf(question: OutputQuestion): Promise<'number' | 'label'>;
  counts(question: OutputQuestion): Promise<OutputCounts>;
  /** Throws `invalid` where there are too many different things said for labels. */
  labelPairs(question: OutputQuestion): Promise<readonly LabelPair[]>;
  /** Asks for `truth`. The right answer may be any text, and there may be as many of them as there are pairs. */
  rightCounts(question: OutputQuestion): Promise<RightCounts>;
  /** How often each side says each thing, whatever belongs together; null is a row without an answer. */
  labelCounts(question: OutputQuestion): Promise<{
    readonly a: ReadonlyMap<string | null, number>;
    readonly b: ReadonlyMap<string | null, number>;
  }>;
  /** How many rows each side has, and of how many the value is a finite number. */
  numberCounts(question: OutputQuestion): Promise<{
    readonly a: { readonly n: number; readonly holds: number };
    readonly b: { readonly n: number; readonly holds: number };
  }>;
  /**
   * Pairs of numbers, pages at a time, sorted by a and then b: a and b of each pair, one behind the other. Pairs
   * without two finite numbers are left out.
   */
  numberPairs(question: OutputQuestion): AsyncIterable<Float64Array>;
  /** Finite numbers of one side, pages at a time, smallest first. */
  numbers(question: OutputQuestion, side: 'a' | 'b'): AsyncIterable<Float64Array>;
  close(): Promise<void>;
}
