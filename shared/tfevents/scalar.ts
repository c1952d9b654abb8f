import type { Span } from './crc32c.ts';
import { BYTES, FIXED32, FIXED64, signed64, unsigned64, VARINT, WireReader } from './wire.ts';

/** TensorProto's fields. */
const DTYPE = 1;
const SHAPE = 2;
const CONTENT = 4;
const FLOATS = 5;
const DOUBLES = 6;
const INTS = 7;
const INT64S = 10;
const BOOLS = 11;
const HALVES = 13;
const UINT32S = 16;
const UINT64S = 17;

const FLOAT = 1;
const UINT8 = 4;
const BFLOAT16 = 14;

interface NumberType {
  /** The repeated field that holds the elements when there is no content. */
  readonly field: number;
  /** Bytes of one element in the content, and how to read one, little-endian. */
  readonly size: number;
  read(view: DataView, at: number): number;
}

/** DataType's numbers that are real numbers; strings, complex, quantized and 4 and 8 bit floats are not here. */
const NUMBER_TYPES: readonly (NumberType | undefined)[] = Object.assign([], {
  [FLOAT]: { field: FLOATS, size: 4, read: (view, at) => view.getFloat32(at, true) },
  2: { field: DOUBLES, size: 8, read: (view, at) => view.getFloat64(at, true) },
  3: { field: INTS, size: 4, read: (view, at) => view.getInt32(at, true) },
  [UINT8]: { field: INTS, size: 1, read: (view, at) => view.getUint8(at) },
  5: { field: INTS, size: 2, read: (view, at) => view.getInt16(at, true) },
  6: { field: INTS, size: 1, read: (view, at) => view.getInt8(at) },
  9: { field: INT64S, size: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  10: { field: BOOLS, size: 1, read: (view, at) => Number(view.getUint8(at) !== 0) },
  [BFLOAT16]: { field: HALVES, size: 2, read: (view, at) => bfloat16(view.getUint16(at, true)) },
  17: { field: INTS, size: 2, read: (view, at) => view.getUint16(at, true) },
  19: { field: HALVES, size: 2, read: (view, at) => view.getFloat16(at, true) },
  22: { field: UINT32S, size: 4, read: (view, at) => view.getUint32(at, true) },
  23: { field: UINT64S, size: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
} satisfies Record<number, NumberType>);

const scratch = new DataView(new ArrayBuffer(4));

function float32OfBits(bits: number): number {
  scratch.setInt32(0, bits);
  return scratch.getFloat32(0);
}

function bfloat16(bits: number): number {
  return float32OfBits(bits << 16);
}

function float16(bits: number): number {
  scratch.setUint16(0, bits);
  return scratch.getFloat16(0);
}

/**
 * A TensorProto, merged from its occurrences as protobuf does: single fields from the last, repeated ones of
 * all. It is a scalar when its type is a number, its shape has one element (each dimension 1, or no shape, or
 * an unknown rank) and exactly one element is stored. Nothing is allocated from a shape.
 */
export class TensorScalar {
  /** The number, when the last `decode` said true. */
  number = 0;
  /** Where it lies, if it is a float32; else −1. */
  floatAt = -1;
  private dtype = 0;
  private oneElement = true;
  private contentAt = 0;
  private contentSize = 0;
  private floatsAt = -1;
  /** By field: how many elements, and the last of them. */
  private readonly counts = new Int32Array(UINT64S + 1);
  private readonly elements = new Float64Array(UINT64S + 1);
  private readonly tensor = new WireReader();
  private readonly shape = new WireReader();
  private readonly inner = new WireReader();

  reset(): void {
    this.dtype = 0;
    this.oneElement = true;
    this.contentSize = 0;
    this.counts.fill(0);
  }

  /** Merges the TensorProto that `parent` is at; false if it is malformed. */
  merge(parent: WireReader): boolean {
    const { tensor } = this;
    tensor.enter(parent);
    while (tensor.next()) {
      const { field, wire } = tensor;
      if (field === DTYPE && wire === VARINT) this.dtype = tensor.low;
      else if (field === CONTENT && wire === BYTES) {
        this.contentAt = tensor.from;
        this.contentSize = tensor.to - tensor.from;
      } else if (field === SHAPE && wire === BYTES) this.mergeShape();
      else this.mergeElements(field, wire);
    }
    return tensor.ok;
  }

  /** Whether the merged tensor, whose bytes are in `span`, is a scalar. */
  decode(span: Span): boolean {
    const type = NUMBER_TYPES[this.dtype];
    if (type === undefined || !this.oneElement) return false;
    this.floatAt = this.dtype !== FLOAT ? -1 : this.contentSize > 0 ? this.contentAt : this.floatsAt;
    if (this.contentSize > 0) {
      if (this.contentSize !== type.size) return false;
      this.number = type.read(span.view, this.contentAt);
      return true;
    }
    // torch writes uint8 into uint32_val.
    const torch = this.dtype === UINT8 && this.counts[INTS] === 0;
    const field = torch ? UINT32S : type.field;
    if (this.counts[field] !== 1) return false;
    const element = this.elements[field]!;
    this.number = field === HALVES ? this.half(element) : element;
    return true;
  }

  /** torch's `add_tensor` stores the bits of the float32 in half_val, which then do not fit 16 bits. */
  private half(bits: number): number {
    if (bits < 0 || bits > 0xffff) return float32OfBits(bits);
    return this.dtype === BFLOAT16 ? bfloat16(bits) : float16(bits);
  }

  private mergeShape(): void {
    const { tensor, shape, inner } = this;
    shape.enter(tensor);
    while (shape.next()) {
      if (shape.field !== 2 || shape.wire !== BYTES) continue;
      let isOne = false;
      inner.enter(shape);
      while (inner.next()) {
        if (inner.field === 1 && inner.wire === VARINT) isOne = inner.low === 1 && inner.high === 0;
      }
      if (!inner.ok) shape.fail();
      if (!isOne) this.oneElement = false;
    }
    if (!shape.ok) tensor.fail();
  }

  /** Packed or not; a known field in a wire type it cannot have is an unknown field. */
  private mergeElements(field: number, wire: number): void {
    const { tensor, inner } = this;
    const single = field === FLOATS ? FIXED32 : field === DOUBLES ? FIXED64 : VARINT;
    if (!isElements(field) || (wire !== BYTES && wire !== single)) return;
    if (single !== VARINT) this.mergeFixed(field, single === FIXED32 ? 4 : 8);
    else if (wire === VARINT) this.add(tensor, field);
    else {
      inner.enter(tensor);
      while (inner.nextVarint()) this.add(inner, field);
      if (!inner.ok) tensor.fail();
    }
  }

  private mergeFixed(field: number, size: number): void {
    const { from, to, span } = this.tensor;
    if ((to - from) % size !== 0) this.tensor.fail();
    else if (to > from) {
      this.counts[field]! += (to - from) / size;
      if (field === FLOATS) this.floatsAt = to - 4;
      this.elements[field] =
        size === 4 ? span.view.getFloat32(to - 4, true) : span.view.getFloat64(to - 8, true);
    }
  }

  private add(from: WireReader, field: number): void {
    this.counts[field]!++;
    this.elements[field] = numberOf(from, field);
  }
}

function isElements(field: number): boolean {
  return (field >= FLOATS && field <= INTS) || field === INT64S || field === BOOLS || isLateElements(field);
}

function isLateElements(field: number): boolean {
  return field === HALVES || field === UINT32S || field === UINT64S;
}

function numberOf({ low, high }: WireReader, field: number): number {
  if (field === INT64S) return signed64(low, high);
  if (field === UINT64S) return unsigned64(low, high);
  if (field === BOOLS) return Number((low | high) !== 0);
  return field === UINT32S ? low >>> 0 : low;
}
