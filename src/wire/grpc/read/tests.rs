//! Messages of remote procedures as documents: every kind of field, what is unknown, and what is damaged.

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};

use super::*;
use crate::wire::json;

const SHOP: &str = r#"
    syntax = "proto3";
    package shop.v1;
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/duration.proto";
    import "google/protobuf/wrappers.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/field_mask.proto";
    import "google/protobuf/any.proto";
    enum State { UNKNOWN = 0; OPEN = 1; }
    message Item {
        string id = 1; int64 cents = 2; State state = 3; repeated int32 sizes = 4; optional string note = 5;
        map<string, Item> parts = 6; oneof price { int32 fixed = 7; string free = 8; } bytes picture = 9; Item next = 10;
        double weight = 11; sint32 delta = 12; fixed64 serial = 13; bool gone = 14; float share = 15;
    }
    message Known {
        google.protobuf.Timestamp at = 1; google.protobuf.Duration took = 2; google.protobuf.Int64Value left = 3;
        google.protobuf.Struct free = 4; google.protobuf.FieldMask mask = 5; google.protobuf.Any any = 6;
        google.protobuf.Value value = 7;
    }
    message Nest { Nest in = 1; }
"#;
const OLDER: &str = r#"
    syntax = "proto2";
    package shop.v1;
    message Item { required string id = 1; optional group Box = 2 { optional int32 size = 1; } extensions 100 to 200; }
    extend Item { optional string color = 100; }
    message Raw { optional string text = 1; }
"#;

fn pool(proto: &str) -> DescriptorPool {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("shop.proto"), proto).unwrap();
    DescriptorPool::from_file_descriptor_set(protox::compile(["shop.proto"], [folder.path()]).unwrap()).unwrap()
}

fn read(pool: &DescriptorPool, name: &str, bytes: &[u8]) -> Result<Document, String> {
    let descriptor = pool.get_message_by_name(&format!("shop.v1.{name}")).unwrap();
    message(&descriptor, Some(&descriptor), bytes, &mut Weight::default())
}

fn encoded(pool: &DescriptorPool, name: &str, text: &str) -> Vec<u8> {
    let descriptor = pool.get_message_by_name(&format!("shop.v1.{name}")).unwrap();
    DynamicMessage::parse_text_format(descriptor, text).unwrap().encode_to_vec()
}

/// The document of a message in text format has these fields, whatever else it has.
#[track_caller]
fn check(name: &str, text: &str, expected: &[(&str, &str)]) {
    let pool = pool(SHOP);
    let document = read(&pool, name, &encoded(&pool, name, text)).unwrap();
    for (field, expected) in expected {
        let got = document.field(field).map(json::to_string);
        assert_eq!(got.as_deref(), Some(*expected).filter(|it| !it.is_empty()), "{field} of {text}");
    }
}

#[test]
fn every_kind_of_value_is_exact() {
    check(
        "Item",
        r#"id: "é" cents: -9007199254740993 state: OPEN sizes: 3 sizes: -1 weight: 0.1 delta: -7 serial: 18446744073709551615
           gone: true share: 0.1 parts: { key: "b" value: { id: "x" } } parts: { key: "a" } free: "yes""#,
        &[
            ("id", r#""é""#),
            ("cents", "-9007199254740993"),
            ("state", r#""OPEN""#),
            ("sizes", "[3,-1]"),
            ("weight", "0.1"),
            ("delta", "-7"),
            ("serial", "18446744073709551615"),
            ("gone", "true"),
            ("share", "0.1"),
            ("free", r#""yes""#),
            ("fixed", ""),
            ("note", ""),
            ("next", ""),
        ],
    );
}

#[test]
fn what_can_not_be_absent_stands_at_its_default() {
    let (cents, state) = (("cents", "0"), ("state", r#""UNKNOWN""#));
    check("Item", "", &[("id", r#""""#), cents, state, ("sizes", "[]"), ("parts", "{}"), ("note", ""), ("fixed", "")]);
    check("Item", r#"note: "" fixed: 0"#, &[("note", r#""""#), ("fixed", "0")]);
    check("Item", "weight: nan share: -inf", &[("weight", r#""NaN""#), ("share", r#""-Infinity""#)]);
}

#[test]
fn types_with_a_form_of_their_own_have_it() {
    check(
        "Known",
        r#"at { seconds: 1 nanos: 500000000 } took { seconds: -1 nanos: -500000000 } left { } mask { paths: "a" paths: "b.c" }
           free { fields { key: "k" value { list_value { values { number_value: 1.5 } values { null_value: NULL_VALUE } } } } }
           value { bool_value: true }"#,
        &[
            ("at", r#""1970-01-01T00:00:01.500Z""#),
            ("took", r#""-1.500s""#),
            ("left", "0"),
            ("mask", r#""a,b.c""#),
            ("free", r#"{"k":[1.5,null]}"#),
            ("value", "true"),
        ],
    );
    check("Known", "at { seconds: 999999999999 }", &[("at", r#"{"seconds":999999999999,"nanos":0}"#)]);
}

#[test]
fn any_message_is_read_where_its_type_is_known() {
    let text = "any { [type.googleapis.com/shop.v1.Nest] { in { } } }";
    check("Known", text, &[("any", r#"{"@type":"type.googleapis.com/shop.v1.Nest","in":{}}"#)]);
}

#[test]
fn the_same_meaning_in_other_bytes_is_the_same_document() {
    let pool = pool(SHOP);
    let same = |one: &[u8], other: &[u8]| {
        let (one, other) = (read(&pool, "Item", one).unwrap(), read(&pool, "Item", other).unwrap());
        assert_eq!(json::to_string(&one), json::to_string(&other));
    };
    // Another order of fields; a default that is written; the last of two values.
    same(b"\x0a\x01a\x10\x05", b"\x10\x05\x0a\x01a");
    same(b"\x0a\x01a", b"\x0a\x01a\x10\x00");
    same(b"\x0a\x01a", b"\x0a\x01b\x0a\x01a");
    // Packed and not.
    same(b"\x22\x02\x01\x02", b"\x20\x01\x20\x02");
    // Entries of a map in another order, one of them twice, and one without its key.
    let (a, b) = (b"\x32\x05\x0a\x01a\x12\x00", b"\x32\x05\x0a\x01b\x12\x00");
    same(&[&a[..], b].concat(), &[&b[..], a, b].concat());
    same(b"\x32\x02\x12\x00", b"\x32\x04\x0a\x00\x12\x00");
    // Two parts of one message; of two fields of a oneof the last.
    same(b"\x52\x05\x0a\x01a\x10\x05", b"\x52\x03\x0a\x01a\x52\x02\x10\x05");
    same(b"\x42\x01x", b"\x38\x05\x42\x01x");
}

#[test]
fn what_the_reader_does_not_know_is_seen_by_its_number() {
    let pool = pool(SHOP);
    for (bytes, field, expected) in [
        (&b"\x98\x06\x07"[..], "#99", "7"),
        (b"\x98\x06\x07\x98\x06\x08", "#99", "[7,8]"),
        (b"\x18\x63", "state", "99"),
        // Another wire type than the field has.
        (b"\x30\x05", "parts", "5"),
    ] {
        let document = read(&pool, "Item", bytes).unwrap();
        assert_eq!(document.field(field).map(json::to_string).as_deref(), Some(expected), "{bytes:?}");
    }
    assert!(matches!(read(&pool, "Item", b"\x12\x01a").unwrap().field("cents"), Some(Document::Bytes(_))));
}

#[test]
fn a_number_where_the_reader_has_text_is_not_taken_for_an_enum_without_a_name() {
    let pool = pool(SHOP);
    for bytes in [&b"\x08\x05"[..], b"\x09\x05\0\0\0\0\0\0\0", b"\x0d\x05\0\0\0"] {
        let document = read(&pool, "Item", bytes).unwrap();
        assert!(matches!(document.field("id"), Some(Document::Bytes(_))), "{bytes:?}");
    }
    // An enum's is one.
    assert!(matches!(read(&pool, "Item", b"\x18\x63").unwrap().field("state"), Some(Document::Number(_))));
}

#[test]
fn a_field_that_its_writer_never_had_is_not_there() {
    let (reader, writer) = (pool(SHOP), pool("syntax = \"proto3\"; package shop.v1; message Item { string id = 1; }"));
    let of = |pool: &DescriptorPool| pool.get_message_by_name("shop.v1.Item").unwrap();
    let document = message(&of(&reader), Some(&of(&writer)), b"", &mut Weight::default()).unwrap();
    assert_eq!(json::to_string(&document), r#"{"id":""}"#);
}

#[test]
fn the_older_syntax_has_required_fields_groups_and_extensions() {
    let pool = pool(OLDER);
    assert_eq!(read(&pool, "Item", b"").unwrap_err(), "`shop.v1.Item.id`: a required field that is not there");
    let document = read(&pool, "Item", b"\x0a\x01a\x13\x08\x05\x14\xa2\x06\x03red").unwrap();
    assert_eq!(json::to_string(&document), r#"{"id":"a","box":{"size":5},"[shop.v1.color]":"red"}"#);
    // Its readers take text as it comes.
    assert!(matches!(read(&pool, "Raw", b"\x0a\x01\xff").unwrap().field("text"), Some(Document::Bytes(_))));
}

#[test]
fn what_can_not_be_read_is_named() {
    let pool = pool(SHOP);
    for (bytes, expected) in [
        (&b"\x0a\x05a"[..], "it is cut off"),
        (b"\x0a", "it is cut off"),
        (b"\x0a\x01\xff", "`shop.v1.Item.id`: text that is not UTF-8"),
        (b"\x00", "a field of the number 0"),
        (b"\x0f", "a value of the wire type 7, which there is not"),
        (b"\x0c", "the group 1 ends and never began"),
        (b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", "an integer of more than ten bytes"),
    ] {
        assert_eq!(read(&pool, "Item", bytes).unwrap_err(), expected, "{bytes:?}");
    }
}

#[test]
fn messages_within_messages_and_values_without_end_are_bounded() {
    let pool = pool(SHOP);
    let nested = |depth: usize| {
        (0..depth).fold(Vec::new(), |inner: Vec<u8>, _| {
            let mut outer = vec![0x0a];
            prost::encoding::encode_varint(inner.len() as u64, &mut outer);
            outer.extend_from_slice(&inner);
            outer
        })
    };
    assert!(read(&pool, "Nest", &nested(99)).is_ok());
    let deep = read(&pool, "Nest", &nested(100)).unwrap_err();
    assert!(deep.ends_with("messages within each other, more than 100 deep"), "{deep}");
    let mut many = vec![0x22];
    prost::encoding::encode_varint(2_000_000, &mut many);
    many.resize(many.len() + 2_000_000, 1);
    let many = read(&pool, "Item", &many).unwrap_err();
    assert!(many.ends_with("more values than are looked into"), "{many}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        thread_local! {
            static POOL: DescriptorPool = pool(SHOP);
        }
        POOL.with(|pool| {
            for name in ["Item", "Known", "Nest"] {
                let _ = read(pool, name, &bytes);
            }
        });
    }
}
