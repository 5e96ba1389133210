//! Texts that have everything in them.

use prost_reflect::MessageDescriptor;

use super::pool;

const PROTO3: &str = r#"
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum E { ZERO = 0; ONE = 1; MINUS = -1; LARGE = 2147483647; }
message Inner { string some_name = 1; optional int32 count = 2; repeated Inner more = 3; map<string, Inner> by_name = 4; }
message Scalars {
  double d = 1; float f = 2; int32 i32 = 3; int64 i64 = 4; uint32 u32 = 5; uint64 u64 = 6; sint32 s32 = 7; sint64 s64 = 8;
  fixed32 f32 = 9; fixed64 f64 = 10; sfixed32 sf32 = 11; sfixed64 sf64 = 12; bool b = 13; string s = 14; bytes y = 15; E e = 16;
}
message Optional {
  optional double d = 1; optional float f = 2; optional int64 i64 = 4; optional uint64 u64 = 6; optional bool b = 13;
  optional string s = 14; optional bytes y = 15; optional E e = 16; optional Inner m = 17;
}
message Repeated {
  repeated double d = 1; repeated float f = 2; repeated int32 i32 = 3 [packed = false]; repeated int64 i64 = 4; repeated sint32 s32 = 7;
  repeated fixed64 f64 = 10; repeated bool b = 13; repeated string s = 14; repeated bytes y = 15; repeated E e = 16;
  repeated E loose = 18 [packed = false]; repeated Inner m = 17;
}
message Maps {
  map<string, string> a = 1; map<bool, double> b = 2; map<int32, float> c = 3; map<uint64, bytes> d = 4; map<sint64, E> e = 5;
  map<fixed32, Inner> f = 6; map<sfixed64, bool> g = 7; map<string, google.protobuf.Value> h = 8; map<string, Maps> i = 9;
}
message Choice {
  oneof one { int32 a = 1; string b = 2; E c = 3; Inner d = 4; google.protobuf.NullValue e = 5; double f = 8; }
  oneof other { bytes y = 6; Choice again = 7; }
}
message Known {
  google.protobuf.Any any = 1; google.protobuf.Duration duration = 2; google.protobuf.Empty empty = 3; google.protobuf.FieldMask mask = 4;
  google.protobuf.Struct struct = 5; google.protobuf.Value value = 6; google.protobuf.ListValue list = 7; google.protobuf.Timestamp at = 8;
  google.protobuf.DoubleValue dv = 9; google.protobuf.FloatValue fv = 10; google.protobuf.Int64Value i64 = 11;
  google.protobuf.UInt64Value u64 = 12; google.protobuf.Int32Value i32 = 13; google.protobuf.UInt32Value u32 = 14;
  google.protobuf.BoolValue b = 15; google.protobuf.StringValue s = 16; google.protobuf.BytesValue y = 17;
  repeated google.protobuf.Any anys = 18; repeated google.protobuf.Value values = 19; repeated google.protobuf.Timestamp times = 20;
}
message Left { Right right = 1; int32 x = 2; }
message Right { Left left = 1; repeated Left lefts = 2; string y = 3; }
message Nothing {}
"#;

const PROTO2: &str = r#"proto2
enum E { FIRST = 5; SECOND = 0; THIRD = -7; }
message Needed { required int32 id = 1; required string name = 2; optional Needed next = 3; required E kind = 4; }
message M {
  required Needed needed = 1; required bytes raw = 2;
  optional int32 with_default = 3 [default = 42]; optional string text = 4 [default = "some \"text\""]; optional E e = 5 [default = THIRD];
  optional double infinite = 6 [default = inf];
  repeated int32 loose = 7; repeated sint64 packed = 8 [packed = true]; repeated E enums = 9;
  optional group Group = 10 { required int32 in_group = 1; optional Group2 more = 2; }
  repeated group Groups = 11 { optional string text = 1; map<string, int32> map = 2; }
  map<int32, E> enum_map = 12; map<string, Needed> needed_map = 13;
  oneof one { int32 a = 14; Needed b = 15; group InOne = 16 { optional bool c = 1; } E d = 17; }
  extensions 100 to 200;
}
message Group2 { extensions 1 to max; }
message Impossible { required Impossible self = 1; }
message HasImpossible { optional Impossible never = 1; repeated Impossible nor = 2; optional int32 x = 3; }
extend M { optional int32 extra = 100; repeated string extras = 101; optional Needed extra_message = 102; optional E extra_enum = 103; }
extend M { repeated sint32 packed_extras = 104 [packed = true]; optional group ExtraGroup = 105 { optional int32 z = 1; } }
extend Group2 { optional double deep = 1; }
"#;

/// All their messages of which there are any.
pub fn messages() -> Vec<MessageDescriptor> {
    let all = [pool(PROTO3), pool(PROTO2)];
    let messages = all.iter().flat_map(prost_reflect::DescriptorPool::all_messages);
    let is_plain = |message: &MessageDescriptor| {
        !message.is_map_entry() && message.name() != "Impossible" && !message.full_name().ends_with("Set")
    };
    messages.filter(is_plain).collect()
}

/// A message of them.
pub fn one(name: &str) -> MessageDescriptor {
    let found = messages().into_iter().find(|message| message.name() == name);
    found.unwrap_or_else(|| panic!("no message {name}"))
}

/// The one that needs itself to be whole.
pub fn impossible() -> MessageDescriptor {
    pool(PROTO2).get_message_by_name("a.Impossible").unwrap_or_else(|| panic!("no such message"))
}
