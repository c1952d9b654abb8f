import type { DamageKind, FileReport } from '../core/series.ts';
import type { EventReader } from './event.ts';
import type { RecordReader } from './record.ts';

/** What reading one file gave, besides its points. */
export interface RunFileReport extends FileReport {
  /** Records that could not be used, and the bytes of these and of all that could not even be told apart. */
  readonly skipped: { readonly records: number; readonly bytes: number };
  /** How often a record was found again behind a damaged length. */
  readonly resyncs: number;
  /** Payload bytes whose CRC was not checked. */
  readonly unverifiedBytes: number;
  /** Where to go on once the file has grown: behind the last record, or before damage that stopped the reading. */
  readonly resumeAt: number;
  /** Of the first record, in seconds; NaN if there is none. */
  readonly firstWallTime: number;
  /** What a file that is no event file begins like, such as `gzip`. */
  readonly looksLike: string | null;
  /** Points left out because their tags are too long. */
  readonly overlongTags: number;
  /** Tensors that are no scalars, such as text and histograms of TensorFlow 2. */
  readonly otherTensors: number;
  /** Points whose steps lie beyond 2^53, of which `step` is only the nearest double. */
  readonly hugeSteps: number;
}

/** Every whole number up to here is a double. */
const LARGEST_EXACT = 2 ** 53;

/** Counts while a file is read what then becomes its report. */
export class Tally {
  records = 0;
  resyncs = 0;
  bytesSkipped = 0;
  firstWallTime = Number.NaN;
  private overlongTags = 0;
  private otherTensors = 0;
  private hugeSteps = 0;
  private recordsSkipped = 0;
  private first: { readonly offset: number; readonly kind: DamageKind } | null = null;

  /** Counts a record that was read and taken. */
  take({ step, stepRest, count, overlongTags, otherTensors }: EventReader): void {
    this.records++;
    this.overlongTags += overlongTags;
    this.otherTensors += otherTensors;
    if (Math.abs(step) > LARGEST_EXACT || stepRest !== 0) this.hugeSteps += count;
  }

  /** The first damage is the one that is told. */
  harm(offset: number, kind: DamageKind): void {
    this.first ??= { offset, kind };
  }

  skip({ offset, end }: RecordReader, kind: DamageKind): void {
    this.harm(offset, kind);
    this.recordsSkipped++;
    this.bytesSkipped += end - offset;
  }

  /** `read`: where in the file the bytes ended; `lost`: whether the rest of it is of no use. */
  report(
    { path, size, read, lost }: { path: string; size: number; read: number; lost: boolean },
    reader: RecordReader,
  ): RunFileReport {
    const { recordsSkipped, records, resyncs, firstWallTime } = this;
    const { overlongTags, otherTensors, hugeSteps } = this;
    const bytes = lost ? size : read;
    return {
      path,
      bytes,
      records,
      damage: this.first && { ...this.first, recordsSkipped },
      skipped: { records: recordsSkipped, bytes: this.bytesSkipped + Math.max(0, bytes - reader.end) },
      resyncs,
      unverifiedBytes: reader.unverified,
      resumeAt: reader.end,
      firstWallTime,
      looksLike: reader.foreign,
      overlongTags,
      otherTensors,
      hugeSteps,
    };
  }
}
