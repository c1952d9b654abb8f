import type { SourcePoint, SourceValue } from './reading.ts';

/** Takes what line after line holds. */
export interface LineReader {
  /** Answers with what is wrong with the line; null when nothing is. */
  take(line: unknown, number: number): string | null;
  /** Set once there is more than any run has; then nothing more need be taken. */
  readonly tooMuch: string | null;
  end(): { readonly values: readonly SourceValue[]; readonly points: readonly SourcePoint[] };
}
