import protobuf from 'protobufjs';

/**
 * The messages of TensorFlow's event.proto, summary.proto and tensor.proto (Apache-2.0) as far as scalars need them,
 * for protobufjs: another reader and writer to hold ours against.
 */
const PROTO = `
syntax = "proto3";
message Event {
  double wall_time = 1;
  int64 step = 2;
  oneof what {
    string file_version = 3;
    bytes graph_def = 4;
    Summary summary = 5;
    SessionLog session_log = 7;
    bytes meta_graph_def = 9;
  }
}
message SessionLog { int32 status = 1; string checkpoint_path = 2; }
message Summary { repeated Value value = 1; }
message Value {
  string tag = 1;
  string node_name = 7;
  bytes metadata = 9;
  oneof value { float simple_value = 2; bytes old_histogram = 3; bytes image = 4; bytes histo = 5; bytes audio = 6; Tensor tensor = 8; }
}
message Tensor {
  int32 dtype = 1;
  Shape tensor_shape = 2;
  int32 version_number = 3;
  bytes tensor_content = 4;
  repeated float float_val = 5;
  repeated double double_val = 6;
  repeated int32 int_val = 7;
  repeated bytes string_val = 8;
  repeated int64 int64_val = 10;
  repeated bool bool_val = 11;
  repeated int32 half_val = 13;
  repeated uint32 uint32_val = 16;
  repeated uint64 uint64_val = 17;
}
message Shape { repeated Dim dim = 2; bool unknown_rank = 3; }
message Dim { int64 size = 1; string name = 2; }
`;

/** The type of an event record's payload. */
export const EventProto = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Event');
