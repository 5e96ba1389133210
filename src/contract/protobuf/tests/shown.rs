//! What a finding says: where it stands, and the message that shows it.

use super::{cell, compared};
use crate::contract::{Encoding, Terms, UnknownFields};
use crate::model::{Direction, Severity};

/// The first difference of a direction above info, in lines.
#[track_caller]
fn check(old: &str, new: &str, encoding: Encoding, expected: &str) {
    let found = compared(old, new, &Terms { encoding, ..Terms::SERVICE }).unwrap();
    let is_it = |difference: &&crate::contract::Difference| {
        difference.place.direction == Direction::OLD_TO_NEW && difference.severity > Severity::Info
    };
    let first = found.differences.iter().find(is_it).unwrap();
    let position = |position: &Option<crate::contract::Position>| position.as_ref().map(ToString::to_string);
    let shown = first.counterexample.as_ref().unwrap();
    let lines = [
        format!("{} {} at {}", first.rule.id, first.place.subject, first.place.at),
        format!(
            "{} -> {}",
            position(&first.place.positions.old).unwrap(),
            position(&first.place.positions.new).unwrap()
        ),
        first.message.clone(),
        format!("{} {}", shown.written, shown.bytes.as_deref().unwrap_or("-")),
        format!("{}", shown.read),
    ];
    assert_eq!(lines.join("\n"), expected);
}

#[test]
fn a_number_that_is_too_large_is_cut_in_binary_and_refused_in_json() {
    let (old, new) = ("message M {\n  int64 x = 1;\n}", "message M {\n\n  int32 x = 1;\n}");
    check(
        old,
        new,
        Encoding::Binary,
        "protobuf/type-changed message a.M at field 1 (x)\na.proto:4:3 -> a.proto:5:3\n\
         `x` is written as int64 and read as int32: in binary another value is read\n\
         \"x:9223372036854775807\" 08ffffffffffffffff7f\n\"x:-1\"",
    );
    check(
        old,
        new,
        Encoding::Both,
        "protobuf/type-changed message a.M at field 1 (x)\na.proto:4:3 -> a.proto:5:3\n\
         `x` is written as int64 and read as int32: in binary another value is read; in JSON the message is refused\n\
         {\"x\":\"9223372036854775807\"} -\n\
         \"refused: number too large to fit in target type\"",
    );
}

#[test]
fn a_number_that_is_reused_shows_both_readings() {
    check(
        "message M { string id = 1; string note = 2; }",
        "message M { string note = 1; string id = 2; }",
        Encoding::Both,
        "protobuf/number-reused message a.M at field 1 (id)\na.proto:3:13 -> a.proto:3:13\n\
         number 1 is `id` (string) to the writer and `note` (string) to the reader: in binary another value is read\n\
         \"id:\\\"straddle\\\"\" 0a087374726164646c65\n\"note:\\\"straddle\\\"\"",
    );
}

#[test]
fn what_breaks_within_a_message_is_shown_in_the_whole_one() {
    check(
        "message A { int32 x = 1; } message M { repeated A a = 3; }",
        "message B { string x = 1; } message M { repeated B a = 3; }",
        Encoding::Json,
        "protobuf/message-type-changed message a.M at field 3 (a)\na.proto:3:40 -> a.proto:3:41\n\
         `a` holds `a.A` and is read as `a.B`: `x` is written as int32 and read as string: in JSON the message is refused\n\
         {\"a\":[{\"x\":1}]} -\n\"refused: invalid type: integer `1`, expected a string\"",
    );
}

#[test]
fn a_missing_required_field_refuses_the_message() {
    check(
        "proto2 message M { optional int32 a = 1; }",
        "proto2 message M { optional int32 a = 1; required int32 b = 2; }",
        Encoding::Binary,
        "protobuf/required-missing message a.M at field 2 (b)\na.proto:3:1 -> a.proto:3:35\n\
         `b` is required in `a.M`, and the writer does not know such a field: in binary the message is refused\n\
         \"\" \n\"refused: the required field `b` of `a.M` is missing\"",
    );
}

#[test]
fn readers_that_reject_unknown_names_refuse_new_fields_and_values() {
    let rejects = Terms { encoding: Encoding::Json, unknown_fields: UnknownFields::Rejected, ..Terms::SERVICE };
    for (old, new) in [
        ("message M { int32 a = 1; }", "message M { int32 a = 1; string b = 2; }"),
        ("enum E { Z = 0; } message M { E a = 1; }", "enum E { Z = 0; A = 1; } message M { E a = 1; }"),
    ] {
        let found = compared(old, new, &rejects).unwrap();
        let cells = (cell(&found, Direction::OLD_TO_NEW), cell(&found, Direction::NEW_TO_OLD));
        assert_eq!(cells, ("ok", "break"), "{old} → {new}");
    }
}

#[test]
fn a_comparison_that_is_given_up_is_unknown_and_never_fine() {
    let found = compared(
        "message M { int32 a = 1; } message N { int32 a = 1; }",
        "message M { int64 a = 1; } message N { int64 a = 1; }",
        &Terms { steps: 1, ..Terms::SERVICE },
    )
    .unwrap();
    assert_ne!(cell(&found, Direction::OLD_TO_NEW), "ok");
    assert_ne!(cell(&found, Direction::NEW_TO_OLD), "ok");
    assert!(
        found.unknown.iter().any(|unknown| unknown.why == "the comparison was given up after 1 messages were tried")
    );
}
