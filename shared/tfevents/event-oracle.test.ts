import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventProto } from '../../test/support/event-proto.ts';
import { spanOf } from './crc32c.ts';
import { EventReader } from './event.ts';

interface Scalar {
  readonly tag: string;
  readonly value: number;
}

/** As EventReader tells it; null for what it refuses. */
function read(payload: Uint8Array) {
  const reader = new EventReader();
  if (!reader.read(spanOf(payload))) return null;
  const scalars = Array.from({ length: reader.count }, (_, at): Scalar => {
    const tag = new TextDecoder().decode(payload.subarray(reader.tagFrom[at], reader.tagTo[at]));
    return { tag, value: reader.values[at]! };
  });
  const step = BigInt(reader.step) + BigInt(reader.stepRest);
  return { wallTime: reader.wallTime, step, isStart: reader.isStart, scalars };
}

// As protobufjs gives messages: 64-bit integers as text, absent messages not at all.
interface Tensor {
  readonly dtype: number;
  readonly tensor_shape?: { readonly dim: readonly { size: string }[] };
  readonly tensor_content: Uint8Array;
  readonly [field: string]: unknown;
}
interface Message {
  readonly wall_time: number;
  readonly step: string;
  readonly summary?: { readonly value: readonly { tag: string; simple_value?: number; tensor?: Tensor }[] };
  readonly session_log?: { readonly status: number };
}

/** The same from what protobufjs decodes, by the sentences of the format and not by our code. */
function decode(payload: Uint8Array) {
  const message = EventProto.toObject(EventProto.decode(payload), {
    longs: String,
    arrays: true,
    defaults: true,
    oneofs: true,
  }) as unknown as Message;
  const { wall_time: wallTime, step, summary, session_log: log } = message;
  const scalars = (summary?.value ?? []).flatMap(({ tag, simple_value: simple, tensor }): Scalar[] => {
    if (simple !== undefined && simple !== null) return [{ tag, value: simple }];
    const value = tensor ? scalarOf(tensor) : null;
    return value === null ? [] : [{ tag, value }];
  });
  return { wallTime, step: BigInt(step), isStart: log?.status === 1, scalars };
}

const FIELDS: Readonly<Record<number, readonly [field: string, array: string | null]>> = {
  1: ['float_val', 'Float32Array'],
  2: ['double_val', 'Float64Array'],
  3: ['int_val', 'Int32Array'],
  5: ['int_val', 'Int16Array'],
  6: ['int_val', 'Int8Array'],
  9: ['int64_val', 'BigInt64Array'],
  10: ['bool_val', 'Uint8Array'],
  17: ['int_val', 'Uint16Array'],
  19: ['half_val', 'Float16Array'],
  22: ['uint32_val', 'Uint32Array'],
  23: ['uint64_val', 'BigUint64Array'],
};

function scalarOf(tensor: Tensor): number | null {
  const known = FIELDS[tensor.dtype];
  if (known === undefined || tensor.tensor_shape?.dim.some(({ size }) => size !== '1')) return null;
  const [field, array] = known;
  if (tensor.tensor_content.length > 0) {
    const Numbers = (
      globalThis as unknown as Record<string, new (buffer: ArrayBuffer) => ArrayLike<number | bigint>>
    )[array!]!;
    const content = Uint8Array.from(tensor.tensor_content);
    const one = content.length % (Numbers as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
    const numbers = one === 0 ? new Numbers(content.buffer) : [];
    if (numbers.length !== 1) return null;
    return tensor.dtype === 10 ? Number(numbers[0] !== 0) : Number(numbers[0]);
  }
  const values = tensor[field] as readonly (number | string | boolean)[];
  if (values.length !== 1) return null;
  if (field !== 'half_val') return Number(values[0]);
  const bits = Number(values[0]);
  if (bits >= 0 && bits <= 0xffff) return new Float16Array(Uint16Array.of(bits).buffer)[0]!;
  return new Float32Array(Int32Array.of(bits).buffer)[0]!;
}

const int64 = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String);
const few = <T>(one: fc.Arbitrary<T>) => fc.array(one, { maxLength: 2 });
const int32 = fc.integer();
const number = fc.oneof(fc.float(), fc.constantFrom(0, -0, Number.NaN, Number.NEGATIVE_INFINITY));
const tensor = fc.record(
  {
    dtype: fc.oneof(
      fc.constantFrom(...Object.keys(FIELDS).map(Number)),
      fc.nat(24).filter((type) => ![4, 14].includes(type)),
    ),
    tensor_shape: fc.record({
      dim: few(fc.record({ size: fc.oneof(fc.constant('1'), int64) })),
      unknown_rank: fc.boolean(),
    }),
    tensor_content: fc.oneof(
      fc.constant(new Uint8Array(0)),
      fc.constantFrom(1, 2, 4, 8).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
      fc.uint8Array({ maxLength: 17 }),
    ),
    float_val: few(number),
    double_val: few(fc.double()),
    int_val: few(int32),
    int64_val: few(int64),
    bool_val: few(fc.boolean()),
    half_val: few(fc.oneof(fc.nat(0xffff), int32)),
    uint32_val: few(fc.nat(2 ** 31)),
    uint64_val: few(fc.bigInt(0n, 2n ** 64n - 1n).map(String)),
  },
  { requiredKeys: [] },
);
const blob = fc.uint8Array({ maxLength: 40 });
const kind = fc.oneof(
  { weight: 3, arbitrary: number.map((simple_value) => ({ simple_value })) },
  { weight: 6, arbitrary: tensor.map((one) => ({ tensor: one })) },
  blob.map((image) => ({ image })),
  blob.map((histo) => ({ histo })),
  fc.constant({}),
);
const value = fc
  .tuple(
    fc.record({ tag: fc.string({ unit: 'binary', maxLength: 8 }), metadata: blob }, { requiredKeys: [] }),
    kind,
  )
  .map(([rest, what]) => ({ ...rest, ...what }));
const event = fc
  .tuple(
    fc.record({ wall_time: fc.double(), step: int64 }, { requiredKeys: [] }),
    fc.oneof(
      { weight: 8, arbitrary: fc.array(value, { maxLength: 3 }).map((all) => ({ summary: { value: all } })) },
      fc.integer({ min: 0, max: 3 }).map((status) => ({ session_log: { status } })),
      blob.map((graph_def) => ({ graph_def })),
      fc.constant({ file_version: 'brain.Event:2' }),
      fc.constant({}),
    ),
  )
  .map(([rest, what]) => EventProto.encode(EventProto.fromObject({ ...rest, ...what })).finish());

test('events are read as protobufjs reads them', () => {
  fc.assert(
    fc.property(event, (payload) => {
      expect(read(payload)).toEqual(decode(payload));
    }),
    { numRuns: 3000 },
  );
});

test('events one after the other are one event, and read so by both', () => {
  const plain = fc.record({ wall_time: fc.double(), step: int64 }, { requiredKeys: [] });
  const summary = fc.array(value, { maxLength: 2 }).map((all) => ({ summary: { value: all } }));
  const encoded = fc
    .tuple(plain, summary)
    .map(([rest, what]) => EventProto.encode(EventProto.fromObject({ ...rest, ...what })).finish());
  fc.assert(
    fc.property(encoded, encoded, (a, b) => {
      const both = Uint8Array.of(...a, ...b);
      expect(read(both)).toEqual(decode(both));
    }),
    { numRuns: 500 },
  );
});

test('what we refuse, protobufjs refuses or makes nothing of', () => {
  let refused = 0;
  fc.assert(
    fc.property(event, fc.nat(), fc.nat(255), (payload, at, to) => {
      fc.pre(payload.length > 0);
      const mutant = Uint8Array.from(payload);
      mutant[at % mutant.length] = to;
      const given = read(mutant);
      if (given === null) {
        refused++;
        return;
      }
      // What both take means the same to both, unless a member of a oneof came twice: order is lost in an object.
      const theirs = attempt(() => decode(mutant));
      if (theirs === null || hasTwoOf(mutant)) return;
      expect(given).toEqual(theirs);
    }),
    { numRuns: 3000 },
  );
  expect(refused).toBeGreaterThan(100);
});

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Whether a oneof has two members, so that only the bytes know which was last. */
function hasTwoOf(payload: Uint8Array): boolean {
  const message = EventProto.decode(payload) as unknown as Record<string, unknown>;
  const own = (object: object, names: readonly string[]) =>
    names.filter((name) => Object.hasOwn(object, name)).length;
  const values = (message.summary as { value?: object[] } | undefined)?.value ?? [];
  return (
    own(message, ['file_version', 'graph_def', 'summary', 'session_log', 'meta_graph_def']) > 1 ||
    values.some((one) => own(one, ['simple_value', 'old_histogram', 'image', 'histo', 'audio', 'tensor']) > 1)
  );
}
