/** One number of a run, under the name it is recorded by. NaN and the infinities are values, too. */
export interface SourceValue {
  readonly name: string;
  readonly value: number;
}

/** One point of a series: it is aggregated as a tag of event files is, by the strategies of the config. */
export interface SourcePoint {
  readonly name: string;
  /** Counts from 0 in the order of the source where it names none. */
  readonly step: number;
  /** Seconds since the epoch; NaN where the source names no time. */
  readonly wallTime: number;
  readonly value: number;
}

/** What one source says of a run. */
export interface SourceReading {
  readonly values: readonly SourceValue[];
  readonly points: readonly SourcePoint[];
  /** Things a person should know, one sentence each: a last line that is cut, entries left out. */
  readonly notes: readonly string[];
}

/**
 * A reading, or one sentence that says where in the text (line, pointer or column) what was found and what was
 * wanted. The caller puts the file's name in front.
 */
export type SourceResult = SourceReading | { readonly problem: string };
