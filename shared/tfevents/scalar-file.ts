import type { RecordOptions } from './frame.ts';

/** One event file to read. A chunk of its bytes is used only until the next one is asked for. */
export interface ScalarFile {
  /** Relative to the folder read. */
  readonly path: string;
  readonly run: string;
  /** In bytes, as listed; nothing behind it is read. Where it is not known, the report tells what was read. */
  readonly size?: number;
  /** From `offset` on. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Where `bytes` begin, 0 unless said: the `resumeAt` of an earlier reading. */
  readonly offset?: number;
  /** The bytes from any offset on, if that costs less than all the bytes before it. */
  readonly from?: (offset: number) => AsyncIterable<Uint8Array>;
}

/** How files are read. */
export interface FileOptions extends Omit<RecordOptions, 'offset'> {
  /** How far behind a damaged length the next record is looked for, in bytes; 0 unless said. */
  readonly resync?: number;
  /** With `verify: parsed`, how many useless bytes are worth opening the file anew behind them; 4 MiB unless said. */
  readonly stepOver?: number;
  /** After how many records of one scalar their shapes are learnt: for tests, since it changes no answer. */
  readonly learnAfter?: number;
}
