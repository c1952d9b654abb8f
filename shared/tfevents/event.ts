import type { Span } from './crc32c.ts';
import { TensorScalar } from './scalar.ts';
import { isUtf8 } from './utf8.ts';
import { BYTES, FIXED32, FIXED64, roundedOff, signed64, VARINT, WireReader } from './wire.ts';

/** A tag longer than this is no name; its values are left out and counted. */
export const LONGEST_TAG = 1 << 16;

/** Event's fields; those of `what`, of which the last one on the wire counts, are 3 to 9. */
const WALL_TIME = 1;
const STEP = 2;
const SUMMARY = 5;
const SESSION_LOG = 7;
const [FIRST_WHAT, LAST_WHAT] = [3, 9];

/** Value's fields; those of `value`, of which the last one on the wire counts, are 2 to 6 and 8. */
const TAG = 1;
const SIMPLE_VALUE = 2;
const TENSOR = 8;
const [FIRST_KIND, LAST_KIND] = [2, 6];

const START = 1;

/**
 * One Event and the scalars in it. The object is reused: `read` replaces what it holds, the k-th scalar's tag
 * lies at `tagFrom[k]` to `tagTo[k]` of the span that was read. Whether those bytes are UTF-8 is left to whoever
 * looks them up, who has seen most of them before; the tags of what is no scalar are checked here.
 */
export class EventReader {
  wallTime = 0;
  /** As a double; `stepRest` is what that rounded away beyond 2^53. */
  step = 0;
  stepRest = 0;
  /** Whether it is a SessionLog START: the writer began, or began again, at `step`. */
  isStart = false;
  count = 0;
  readonly tagFrom: number[] = [];
  readonly tagTo: number[] = [];
  readonly values: number[] = [];
  /** Where the wall time and the bytes of the step lie in the span, −1 if they do not. */
  wallTimeAt = -1;
  stepFrom = -1;
  stepTo = -1;
  /** Where the values lie that are float32, −1 for others. */
  readonly valueAt: number[] = [];
  /** Scalars of this event that were left out because of LONGEST_TAG. */
  overlongTags = 0;
  /** Tensors of this event that are no scalars: text, histograms, images of TensorFlow 2, and what is malformed. */
  otherTensors = 0;

  private readonly event = new WireReader();
  private readonly summary = new WireReader();
  private readonly value = new WireReader();
  private readonly tensor = new TensorScalar();

  /** Reads an Event, field by field; false if it is none, and then nothing of it is to be used. */
  read(payload: Span): boolean {
    const { event } = this;
    this.clear();
    let what = 0;
    event.open(payload);
    while (event.next()) {
      const { field, wire } = event;
      if (field === WALL_TIME && wire === FIXED64) this.readWallTime();
      else if (field === STEP && wire === VARINT) this.readStep();
      else if (field >= FIRST_WHAT && field <= LAST_WHAT && wire === BYTES) {
        if (field !== what) this.clearWhat();
        what = field;
        if (field === SUMMARY) this.readSummary();
        else if (field === SESSION_LOG) this.readSessionLog();
      }
    }
    return event.ok;
  }

  private clear(): void {
    this.wallTime = 0;
    this.wallTimeAt = -1;
    this.step = 0;
    this.stepRest = 0;
    this.stepFrom = -1;
    this.stepTo = -1;
    this.clearWhat();
  }

  private clearWhat(): void {
    this.count = 0;
    this.overlongTags = 0;
    this.otherTensors = 0;
    this.isStart = false;
  }

  private readWallTime(): void {
    const { from, span } = this.event;
    this.wallTimeAt = from;
    this.wallTime = span.view.getFloat64(from, true);
  }

  private readStep(): void {
    const { low, high, from, to } = this.event;
    this.stepFrom = from;
    this.stepTo = to;
    this.step = signed64(low, high);
    this.stepRest = roundedOff(low, high);
  }

  private readSessionLog(): void {
    const { event, summary: log } = this;
    log.enter(event);
    while (log.next()) if (log.field === 1 && log.wire === VARINT) this.isStart = log.low === START;
    if (!log.ok) event.fail();
  }

  /** Several summaries of one event are one: their values add up. */
  private readSummary(): void {
    const { event, summary } = this;
    summary.enter(event);
    while (summary.next()) {
      if (summary.field === 1 && summary.wire === BYTES && !this.readValue()) summary.fail();
    }
    if (!summary.ok) event.fail();
  }

  private readValue(): boolean {
    const { summary, value, tensor } = this;
    const { span } = summary;
    let tagFrom = 0;
    let tagTo = 0;
    let kind = 0;
    let simple = 0;
    let valueAt = -1;
    value.enter(summary);
    while (value.next()) {
      const { field, wire } = value;
      if (field === TAG && wire === BYTES) {
        tagFrom = value.from;
        tagTo = value.to;
      } else if (field === SIMPLE_VALUE && wire === FIXED32) {
        kind = field;
        valueAt = value.from;
        simple = span.view.getFloat32(value.from, true);
      } else if (field === TENSOR && wire === BYTES) {
        if (kind !== TENSOR) tensor.reset();
        kind = field;
        if (!tensor.merge(value)) value.fail();
      } else if (field > FIRST_KIND && field <= LAST_KIND && wire === BYTES) kind = field;
    }
    if (!value.ok) return false;
    const overlong = tagTo - tagFrom > LONGEST_TAG;
    if (kind === TENSOR && tensor.decode(span)) {
      simple = tensor.number;
      valueAt = tensor.floatAt;
    } else if (kind !== SIMPLE_VALUE) {
      if (kind === TENSOR) this.otherTensors++;
      return overlong || isUtf8(span.bytes, tagFrom, tagTo);
    }
    if (overlong) this.overlongTags++;
    else this.add({ tagFrom, tagTo, value: simple, valueAt });
    return true;
  }

  private add(one: { tagFrom: number; tagTo: number; value: number; valueAt: number }): void {
    const at = this.count++;
    this.tagFrom[at] = one.tagFrom;
    this.tagTo[at] = one.tagTo;
    this.values[at] = one.value;
    this.valueAt[at] = one.valueAt;
  }
}
