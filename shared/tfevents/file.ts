import { spanOf } from './crc32c.ts';
import { EventReader } from './event.ts';
import { HEADER, WHOLE_RECORD_BYTES } from './frame.ts';
import { Pruner } from './prune.ts';
import { RecordReader } from './record.ts';
import { Resync } from './resync.ts';
import type { RunPoints } from './run-points.ts';
import type { FileOptions, ScalarFile } from './scalar-file.ts';
import { Scanner } from './scan.ts';
import { type RunFileReport, Tally } from './tally.ts';

const STEP_OVER = 4 << 20;

/** Reads files one after the other with the same buffers. */
export class FileReader {
  private readonly event = new EventReader();
  private readonly pruner = new Pruner();
  private readonly scanner: Scanner;
  private readonly reader: RecordReader;
  private readonly options: FileOptions;

  constructor(options: FileOptions) {
    this.options = options;
    this.scanner = new Scanner(options);
    this.reader = new RecordReader(this.pruner, options);
  }

  /** After the last file. */
  release(): void {
    this.scanner.release();
  }

  /**
   * Puts the points of the file where `choose` says, which is told the time of the first record; stops reading where
   * no further record can be found.
   */
  async read(file: ScalarFile, choose: (firstWallTime: number) => RunPoints): Promise<RunFileReport> {
    const { reader } = this;
    reader.open(file.offset ?? 0);
    const pass: Pass = {
      reader,
      tally: new Tally(),
      choose,
      points: null,
      resync: null,
      origin: 0,
      suspect: null,
    };
    const at = await this.readBytes(file, pass);
    const lost = this.finish(pass) === 'stop';
    return pass.tally.report({ path: file.path, size: file.size ?? at, read: at, lost }, reader);
  }

  /** Answers where in the file it ended. */
  private async readBytes(file: ScalarFile, pass: Pass): Promise<number> {
    const { reader } = pass;
    let at = file.offset ?? 0;
    let source: AsyncIterable<Uint8Array> | null = file.bytes;
    while (source !== null) {
      let next: AsyncIterable<Uint8Array> | null = null;
      for await (const chunk of source) {
        at += chunk.length;
        if (this.take(chunk, pass) === 'stop') return at;
        const unused = Math.min(reader.unused, (file.size ?? 0) - at);
        if (file.from === undefined || unused < (this.options.stepOver ?? STEP_OVER)) continue;
        reader.skip(unused);
        at += unused;
        next = file.from(at);
        break;
      }
      source = next;
    }
    return at;
  }

  private take(chunk: Uint8Array, pass: Pass): 'more' | 'stop' {
    if (pass.resync !== null) {
      pass.resync.append(spanOf(chunk));
      return this.search(pass);
    }
    pass.reader.push(chunk);
    return this.drain(pass);
  }

  /** Takes every record that the chunk completes. */
  private drain(pass: Pass): 'more' | 'stop' {
    const { reader, tally } = pass;
    for (;;) {
      this.scan(pass);
      const step = reader.next();
      if (step === 'more') return step;
      if (step === 'stop') return this.stop(pass);
      pass.suspect = null;
      if (step === 'data-crc') this.suspect(pass);
      if (step !== 'record') tally.skip(reader, step);
      else if (!this.takeRecord(pass)) tally.skip(reader, 'bad-record');
    }
  }

  /** Takes the records that are like earlier ones. */
  private scan({ reader, points, tally }: Pass): void {
    const chunk = points === null ? null : reader.atRecord();
    if (chunk === null || points === null) return;
    const from = chunk.start;
    tally.records += this.scanner.scan(chunk, points);
    reader.end += chunk.start - from;
  }

  private takeRecord(pass: Pass): boolean {
    const { event } = this;
    const { payload, isWhole } = pass.reader;
    if (!event.read(payload)) return false;
    const points = pass.points ?? pass.choose(event.wallTime);
    if (!points.take(event, payload)) return false;
    if (pass.points === null) pass.tally.firstWallTime = event.wallTime;
    pass.points = points;
    pass.tally.take(event);
    for (let at = 0; at < event.count; at++) this.scanner.pass(points.found[at]!);
    if (isWhole) this.scanner.learn(event, payload, points);
    return true;
  }

  /** At damage behind which no record is known to begin. */
  private stop(pass: Pass): 'more' | 'stop' {
    const { reader, tally } = pass;
    if (reader.damage === null) return 'stop';
    tally.harm(reader.offset, reader.damage);
    return reader.damage === 'not-an-event-file' ? 'stop' : this.resync(pass);
  }

  /**
   * Keeps a record whose CRC is wrong until the next one is seen: where a writer died within a record and another one
   * went on, its length covers records that are sound.
   */
  private suspect(pass: Pass): void {
    const { payload, isWhole, offset } = pass.reader;
    if ((this.options.resync ?? 0) === 0 || !isWhole) return;
    const { bytes, start, end } = payload;
    pass.suspect = { offset, bytes: bytes.slice(start - HEADER, end + 4) };
  }

  /** Begins to look for the next record, in the suspect if there is one. */
  private resync(pass: Pass): 'more' | 'stop' {
    const { reader, suspect, tally } = pass;
    const { resync: bound = 0, wholeRecordBytes: longest = WHOLE_RECORD_BYTES } = this.options;
    if (bound === 0) return 'stop';
    pass.origin = suspect?.offset ?? reader.offset;
    pass.resync = new Resync({ origin: pass.origin, bound, longest });
    if (suspect !== null) {
      pass.resync.append(spanOf(suspect.bytes));
      tally.bytesSkipped -= suspect.bytes.length;
    }
    pass.resync.append(spanOf(reader.rest()));
    pass.suspect = null;
    return this.search(pass);
  }

  private search(pass: Pass): 'more' | 'stop' {
    const { reader, resync, tally } = pass;
    const answer = resync!.search();
    if (answer === 'given-up') return 'stop';
    if (answer === 'more') return answer;
    tally.resyncs++;
    tally.bytesSkipped += resync!.offset - pass.origin;
    reader.restart(resync!.offset, resync!.rest());
    pass.resync = null;
    return this.drain(pass);
  }

  /** At the end of the file. Only a search can still find something. */
  private finish(pass: Pass): 'more' | 'stop' {
    const { reader, tally } = pass;
    for (;;) {
      while (pass.resync !== null) {
        if (!pass.resync.skip() || this.search(pass) === 'stop') return 'stop';
      }
      if (reader.damage !== null) return 'stop';
      const tail = reader.finish();
      if (tail !== null) tally.harm(reader.offset, tail);
      // A record that is cut may cover others, too.
      if (tail !== 'truncated' || !reader.isCarried || this.resync(pass) === 'stop') return 'more';
    }
  }
}

/** One file while it is read. */
interface Pass {
  readonly reader: RecordReader;
  readonly tally: Tally;
  readonly choose: (firstWallTime: number) => RunPoints;
  /** Known from the first record on. */
  points: RunPoints | null;
  /** While the next record is looked for: from where on. */
  resync: Resync | null;
  origin: number;
  /** The record before, if its CRC is wrong. */
  suspect: { readonly offset: number; readonly bytes: Uint8Array } | null;
}
