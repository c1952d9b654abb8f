/** One failed condition or one bad end of a run: what a mail is made of. */
export interface AlertItem {
  readonly testName: string;
  readonly runId: string;
  readonly attempt: number;
  readonly outcome: string;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
  /** `metric:<name>` or `job`. */
  readonly signal: string;
  /** The reason's word (`below above not_equal nonfinite missing clock not_reached outcome config …`), and after `: ` a detail. */
  readonly reason: string;
  readonly value: number | null;
  readonly valueKind: 'finite' | 'nan' | 'posinf' | 'neginf' | 'missing' | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** How many earlier runs the bounds came from; 0 for a fixed threshold. */
  readonly baselineN: number;
  /** What was demanded: `greater than 0.96`, `at most 5 sample standard deviations above the mean of …`. */
  readonly demand: string;
  /** Failing runs in a row, this one included. */
  readonly streak: number;
  readonly lastGood: {
    readonly runId: string;
    readonly finishedAt: number;
    readonly value: number | null;
  } | null;
  /** Values for a sparkline, newest last, null where missing or not finite; may be empty. */
  readonly recent: readonly (number | null)[];
  readonly logsLink: string | null;
  readonly workloadLink: string | null;
  readonly modelDir: string | null;
}
