import { ByteStore } from './bytes.ts';
import { type Span, spanOf } from './crc32c.ts';
import { LONGEST_TAG } from './event.ts';
import { FieldHead, putVarint } from './field-head.ts';
import type { PayloadSink } from './long-record.ts';
import { BYTES, DEEPEST_GROUP, END_GROUP, FIXED32, FIXED64, START_GROUP, VARINT } from './wire.ts';

/** What is kept of one record at most: millions of scalars, where a graph or an image leaves a few bytes. */
export const MOST_KEPT = 64 << 20;

/** Fields longer than this hold no scalar; a tag that is cut to it is still seen to be overlong. */
const LONGEST_FIELD = LONGEST_TAG + 1;

/** A TensorProto of shape [2], in place of a tensor too big to be a scalar. */
const NOT_A_SCALAR = spanOf(Uint8Array.of(0x12, 0x04, 0x12, 0x02, 0x08, 0x02));

/** A message that is open: which one, how much of it is to come, and what is kept of it. */
interface Level {
  readonly name: 'event' | 'summary' | 'value';
  left: number;
  readonly out: ByteStore;
}

/**
 * Copies an Event without its blobs while it streams by: fields too long to matter become empty ones of the
 * same number, since the last member of a oneof counts, even one whose content does not. So a record of any
 * size gives the scalars it holds in little memory.
 */
export class Pruner implements PayloadSink {
  private readonly levels: readonly [Level, Level, Level] = [
    level('event'),
    level('summary'),
    level('value'),
  ];
  private depth = 0;
  private readonly head = new FieldHead();
  /** Bytes of the current field still to come, and how many of those to keep. */
  private body = 0;
  private keep = 0;
  private readonly groups: number[] = [];
  private verdict: 'record' | 'bad-record' | 'oversized' = 'record';

  get unused(): number {
    if (this.verdict !== 'record') return 0;
    return this.keep === 0 ? this.body : 0;
  }

  skip(count: number): void {
    this.body -= count;
    this.level.left -= count;
    if (this.body === 0) this.endField();
  }

  get kept(): Span {
    return this.levels[0].out.span;
  }

  begin(length: number): void {
    for (const one of this.levels) one.out.clear();
    this.depth = 0;
    this.levels[0].left = length;
    this.verdict = 'record';
    this.body = 0;
    this.groups.length = 0;
    this.head.clear();
  }

  write(part: Span): void {
    let at = part.start;
    while (at < part.end && this.verdict === 'record') {
      if (this.body > 0) at += this.takeBody(part, at);
      else this.takeByte(part.bytes[at++]!);
    }
  }

  end(): 'record' | 'bad-record' | 'oversized' {
    const whole = this.depth === 0 && this.levels[0].left === 0 && this.atField();
    if (this.verdict === 'record' && !whole) this.verdict = 'bad-record';
    return this.verdict;
  }

  private get level(): Level {
    return this.levels[this.depth]!;
  }

  private atField(): boolean {
    return this.head.isEmpty && this.body === 0 && this.groups.length === 0;
  }

  private takeBody(part: Span, at: number): number {
    const count = Math.min(part.end - at, this.body);
    const kept = Math.min(count, this.keep);
    if (kept > 0) this.level.out.append({ ...part, start: at, end: at + kept });
    this.keep -= kept;
    this.body -= count;
    this.level.left -= count;
    if (this.body === 0) this.endField();
    return count;
  }

  private takeByte(byte: number): void {
    const { head, level } = this;
    const answer = level.left === 0 ? 'bad' : head.take(byte);
    level.left--;
    if (answer === 'bad') this.refuse();
    else if (answer === 'whole') this.takeHead(head);
  }

  private takeHead({ wire, length }: FieldHead): void {
    if (wire === BYTES) this.takeLength(length);
    else if (wire === FIXED32) this.keepField(4);
    else if (wire === FIXED64) this.keepField(8);
    else if (wire === VARINT) this.keepField(0);
    else this.takeGroup(wire);
  }

  private takeGroup(wire: number): void {
    const { field } = this.head;
    const opens = wire === START_GROUP && this.groups.length < DEEPEST_GROUP;
    if (opens) this.groups.push(field);
    if (opens || (wire === END_GROUP && this.groups.pop() === field)) this.endField();
    else this.refuse();
  }

  private takeLength(length: number): void {
    if (this.groups.length === 0 && this.opens()) this.descend(length);
    else if (length <= LONGEST_FIELD) this.keepField(length);
    else this.startBody(length, this.groups.length > 0 ? 0 : this.keepStandIn());
  }

  private startBody(size: number, keep: number): void {
    if (size > this.level.left) {
      this.refuse();
      return;
    }
    this.body = size;
    this.keep = this.groups.length > 0 ? 0 : keep;
    if (size === 0) this.endField();
  }

  private opens(): boolean {
    const { field } = this.head;
    return (this.level.name === 'event' && field === 5) || (this.level.name === 'summary' && field === 1);
  }

  private descend(length: number): void {
    if (length > this.level.left) {
      this.refuse();
      return;
    }
    this.level.left -= length;
    this.depth++;
    this.level.left = length;
    this.level.out.clear();
    this.endField();
  }

  /** Keeps a field as it comes, of which so many bytes are behind its head. */
  private keepField(size: number): void {
    if (this.groups.length === 0) this.head.copyTo(this.level.out);
    this.startBody(size, size);
  }

  /** Puts a short field in place of a long one; answers how many bytes of the long one belong to it. */
  private keepStandIn(): number {
    const { name, out } = this.level;
    const isTag = name === 'value' && this.head.field === 1;
    const isTensor = name === 'value' && this.head.field === 8;
    this.head.copyWithLength(out, isTag ? LONGEST_FIELD : isTensor ? NOT_A_SCALAR.end : 0);
    if (isTensor) out.append(NOT_A_SCALAR);
    return isTag ? LONGEST_FIELD : 0;
  }

  /** Closes the messages that end with this field, each into the one around it. */
  private endField(): void {
    this.head.clear();
    if (this.level.out.length > MOST_KEPT) this.verdict = 'oversized';
    while (this.depth > 0 && this.level.left === 0) {
      if (this.groups.length > 0) this.refuse();
      const { out, name } = this.level;
      this.depth--;
      const around = this.level.out;
      around.push(name === 'summary' ? 0x2a : 0x0a);
      putVarint(around, out.length);
      around.append(out.span);
    }
  }

  private refuse(): void {
    this.verdict = 'bad-record';
  }
}

function level(name: Level['name']): Level {
  return { name, left: 0, out: new ByteStore() };
}
