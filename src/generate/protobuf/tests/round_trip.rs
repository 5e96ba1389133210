//! Through another version and back: what is lost, and what only looks as if it were.

use prost_reflect::DynamicMessage;

use super::message;
use crate::generate::protobuf::{Refused, round_trip};

/// What becomes of a message: `at: before → after` for each loss, or who refuses it.
#[track_caller]
fn check(old: &str, new: &str, written: &str, expected: &str) {
    let (own, through) = (message(old), message(new));
    let written = DynamicMessage::parse_text_format(own, written).unwrap_or_else(|e| panic!("{written}: {e}"));
    let none = || "nothing".to_owned();
    let found = match round_trip(&written, &through) {
        Ok(lost) => {
            let lines = lost.into_iter().map(|lost| {
                format!("{}: {} → {}", lost.at, lost.before.unwrap_or_else(none), lost.after.unwrap_or_else(none))
            });
            lines.collect::<Vec<_>>().join("; ")
        }
        Err(Refused::Own(_)) => "refused by itself".to_owned(),
        Err(Refused::There(_)) => "refused there".to_owned(),
        Err(Refused::Back(_)) => "refused when back".to_owned(),
    };
    assert_eq!(found, expected, "{old} through {new}");
}

#[test]
fn what_the_other_version_does_not_know_is_kept() {
    check(
        "message M { int32 a = 1; string b = 2; M m = 3; }",
        "message M { int32 a = 1; }",
        "a: 1 b: \"x\" m { a: 2 }",
        "",
    );
    check("message M { repeated M m = 3; double d = 4; }", "message M { }", "m { d: 1.5 } m { d: nan } d: -0.5", "");
    check(
        "message M { map<string, int32> m = 3; }",
        "message M { }",
        "m { key: \"a\" value: 1 } m { key: \"b\" value: 2 }",
        "",
    );
}

#[test]
fn what_only_has_another_name_is_kept() {
    check("message M { int32 a = 1; }", "message M { int32 b = 1; }", "a: -7", "");
    check(
        "message M { A a = 1; } message A { int32 x = 1; }",
        "message M { B b = 1; } message B { int32 y = 1; }",
        "a { x: 1 }",
        "",
    );
}

#[test]
fn numbers_of_enums() {
    let (more, fewer) =
        ("enum E { Z = 0; A = 1; B = 2; } message M { E e = 1; }", "enum E { Z = 0; A = 1; } message M { E e = 1; }");
    check(more, fewer, "e: B", "");
    let closed = "proto2 enum E { Z = 0; A = 1; } message M { optional E e = 1; }";
    check(more, closed, "e: B", "");
    check(more, "message M { int32 e = 1; }", "e: B", "");
    check(more, "message M { bool e = 1; }", "e: B", "e: B → A");
    check(more, "message M { bool e = 1; }", "e: A", "");
}

#[test]
fn texts_and_bytes() {
    check("message M { string s = 1; }", "message M { bytes s = 1; }", "s: \"é\"", "");
    check("message M { bytes s = 1; }", "message M { string s = 1; }", "s: \"abc\"", "");
    check("message M { bytes s = 1; }", "message M { string s = 1; }", "s: \"\\377\"", "refused there");
}

#[test]
fn narrower_and_wider_numbers() {
    check("message M { int32 x = 1; }", "message M { int64 x = 1; }", "x: -1", "");
    check("message M { int64 x = 1; }", "message M { int32 x = 1; }", "x: 5", "");
    check("message M { int64 x = 1; }", "message M { int32 x = 1; }", "x: 4294967297", "x: 4294967297 → 1");
    check("message M { int64 x = 1; }", "message M { int32 x = 1; }", "x: 4294967296", "x: 4294967296 → nothing");
    check("message M { int32 x = 1; }", "message M { sint32 x = 1; }", "x: 5", "");
    check("message M { int32 x = 1; }", "message M { uint32 x = 1; }", "x: -1", "");
    check("message M { int32 x = 1; }", "message M { fixed32 x = 1; }", "x: 1", "refused there");
    check("message M { fixed32 x = 1; }", "message M { float x = 1; }", "x: 1065353216", "");
}

#[test]
fn members_of_oneofs() {
    let (apart, choice) =
        ("message M { int32 a = 1; int32 b = 2; }", "message M { oneof o { int32 a = 1; int32 b = 2; } }");
    check(apart, choice, "a: 1 b: 2", "a: 1 → nothing");
    check(apart, choice, "a: 1", "");
    check(choice, apart, "b: 2", "");
    check(choice, apart, "b: 0", "b: 0 → nothing");
}

#[test]
fn a_number_with_another_meaning() {
    check("message M { int32 a = 1; }", "message M { string b = 1; }", "a: 1", "refused there");
    check("message M { string a = 1; }", "message M { M b = 1; }", "a: \"straddle\"", "refused there");
    check("message M { int64 a = 1; }", "message M { bool b = 1; }", "a: 2", "a: 2 → 1");
    check("message M { repeated int32 a = 1 [packed = false]; }", "message M { int32 a = 1; }", "a: 1", "");
    check(
        "message M { repeated int32 a = 1 [packed = false]; }",
        "message M { int32 a = 1; }",
        "a: 1 a: 2",
        "a[0]: 1 → 2; a[1]: 2 → nothing",
    );
    check("message M { repeated int32 a = 1; }", "message M { int32 a = 1; }", "a: 1", "refused there");
}

#[test]
fn presence_and_what_is_required() {
    let (explicit, implicit) = ("message M { optional int32 x = 1; }", "message M { int32 x = 1; }");
    check(explicit, implicit, "x: 0", "x: 0 → nothing");
    check(explicit, implicit, "x: 1", "");
    check(implicit, explicit, "x: 1", "");
    let required = "proto2 message M { optional int32 a = 1; required int32 b = 2; }";
    check("proto2 message M { optional int32 a = 1; }", required, "a: 1", "refused there");
    check("proto2 message M { optional int32 a = 1; optional int32 b = 2; }", required, "a: 1 b: 2", "");
    check("proto2 message M { required int32 b = 2; }", "message M { int32 b = 2; }", "b: 0", "refused when back");
}

#[test]
fn how_it_is_written_is_no_loss() {
    let loose = "message M { repeated int32 x = 1 [packed = false]; }";
    check(loose, "message M { repeated int32 x = 1; }", "x: 1 x: 2", "");
    check("message M { double x = 1; }", "message M { double x = 1; }", "x: nan", "");
    check("message M { optional double x = 1; }", "message M { optional double x = 1; }", "x: -0.0", "");
    let map = "message M { map<string, double> x = 1; }";
    check(map, map, "x { key: \"b\" value: nan } x { key: \"a\" value: 2 }", "");
    check(
        map,
        "message M { repeated E x = 1; } message E { string key = 1; double value = 2; }",
        "x { key: \"b\" value: 3 }",
        "",
    );
}

#[test]
fn a_place_is_named_by_its_fields() {
    let (old, new) = (
        "message M { repeated A a = 1; map<string, A> b = 2; } message A { int64 x = 1; }",
        "message M { repeated A a = 1; map<string, A> b = 2; } message A { int32 x = 1; }",
    );
    check(old, new, "a { x: 1 } a { x: 4294967297 }", "a[1].x: 4294967297 → 1");
    check(old, new, "b { key: \"k\" value { x: 4294967298 } }", "b[\"k\"].x: 4294967298 → 2");
}
