// The part of protobufjs that reads descriptors; its parser of .proto files is not needed here.
import protobuf from 'protobufjs/light.js';
import type { DecodeV2 } from '../../core/message-v2.ts';
import { TEST_COMPLETED_EVENT } from './descriptor.ts';

const TestCompletedEvent = protobuf.Root.fromJSON(TEST_COMPLETED_EVENT).lookupType('TestCompletedEvent');

/**
 * Reads a v2 message; see `DecodeV2`. Names are those of the .proto file, fields that are not there are absent, whole
 * numbers of 64 bits are texts, enums their words or, where they are of a newer schema, numbers; NaN and the
 * infinities are texts by name. Unknown fields, and known ones of another wire type, are passed over, as the format
 * wants it.
 */
export const decodeV2: DecodeV2 = (body) => {
  try {
    const message = TestCompletedEvent.decode(body);
    return {
      ok: true,
      value: TestCompletedEvent.toObject(message, { longs: String, enums: String, json: true }),
    };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
};
