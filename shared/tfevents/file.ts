import type { Damage, DamageKind, FileReport } from '../core/series.ts';
import { EventReader } from './event.ts';
import { Pruner } from './prune.ts';
import { RecordReader } from './record.ts';
import type { RunPoints } from './run-points.ts';
import { Scanner } from './scan.ts';

/** What one file gave, besides its points. */
export interface FileReading {
  readonly report: FileReport;
  /** Of the first record; NaN if there is none. */
  readonly firstWallTime: number;
  /** Points left out because of their tags' length. */
  readonly overlongTags: number;
}

/** Reads files one after the other with the same buffers. */
export class FileReader {
  private readonly event = new EventReader();
  private readonly pruner = new Pruner();
  private readonly scanner = new Scanner();
  private readonly options: { wholeRecordBytes?: number };

  constructor(options: { wholeRecordBytes?: number }) {
    this.options = options;
  }

  /** Puts the points of the file into `points`; stops reading where no further record can be found. */
  async read(
    file: { path: string; size: number; bytes: AsyncIterable<Uint8Array> },
    points: RunPoints,
  ): Promise<FileReading> {
    const reader = new RecordReader(this.pruner, this.options);
    const tally = new Tally();
    let bytes = 0;
    for await (const chunk of file.bytes) {
      bytes += chunk.length;
      reader.push(chunk);
      if (this.drain(reader, { points, tally }) === 'stop') {
        bytes = file.size;
        break;
      }
    }
    const tail = reader.finish();
    if (tail !== null) tally.harm(reader.offset, tail);
    const { records, damage, firstWallTime, overlongTags } = tally;
    const report = { path: file.path, bytes, records, damage };
    return { report, firstWallTime, overlongTags };
  }

  /** Takes the records that are like earlier ones. */
  private scan(reader: RecordReader, { points, tally }: { points: RunPoints; tally: Tally }): void {
    const chunk = reader.atRecord();
    // The first record of a file is read whole: its time is wanted.
    if (chunk === null || tally.records === 0) return;
    const from = chunk.start;
    const records = this.scanner.scan(chunk, points);
    tally.records += records;
    reader.advance(chunk.start - from);
  }

  /** Takes every record that the chunk completes. */
  private drain(reader: RecordReader, into: { points: RunPoints; tally: Tally }): 'more' | 'stop' {
    const { points, tally } = into;
    for (;;) {
      this.scan(reader, into);
      const step = reader.next();
      if (step === 'record') {
        const { payload } = reader;
        if (this.event.read(payload) && points.take(this.event, payload)) {
          tally.take(this.event);
          if (reader.isWhole && this.event.count === 1)
            this.scanner.learn(this.event, payload, points.tagTaken);
        } else tally.skip(reader.offset, 'bad-record');
      } else if (step === 'more') return step;
      else if (step === 'stop') {
        if (reader.damage !== null) tally.harm(reader.offset, reader.damage);
        return step;
      } else tally.skip(reader.offset, step);
    }
  }
}

class Tally {
  records = 0;
  damage: Damage | null = null;
  firstWallTime = Number.NaN;
  overlongTags = 0;

  take(event: EventReader): void {
    if (this.records++ === 0) this.firstWallTime = event.wallTime;
    this.overlongTags += event.overlongTags;
  }

  /** The first damage is the one that is told. */
  harm(offset: number, kind: DamageKind): void {
    this.damage ??= { offset, kind, recordsSkipped: 0 };
  }

  skip(offset: number, kind: DamageKind): void {
    this.harm(offset, kind);
    if (this.damage !== null)
      this.damage = { ...this.damage, recordsSkipped: this.damage.recordsSkipped + 1 };
  }
}
