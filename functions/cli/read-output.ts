import type { RunReading } from '../../shared/tfevents/read.ts';

/** One way to show what event files hold. */
export interface ReadOutput {
  /** Takes one run; its columns are not kept. */
  add(reading: RunReading): void;
  /** After the last run. */
  end(): void;
}

/** Where an output goes. */
export interface TextSink {
  out(text: string): void;
}
