//! What only one of two descriptors can say.

use super::{message, rich};
use crate::generate::protobuf::{Messages, text};

/// The first messages of `old` that a reader by `new` sees differently.
fn told(old: &str, new: &str) -> Vec<String> {
    let messages = Messages::of(&message(old)).unwrap_or_else(|e| panic!("{e}: {old}"));
    messages.beyond(&message(new), 200).iter().map(text).collect()
}

#[track_caller]
fn check(old: &str, new: &str, expected: &[&str]) {
    let told = told(old, new);
    for expected in expected {
        assert!(told.iter().any(|text| text == expected), "{old} to {new}: no `{expected}` in {told:?}");
    }
    assert_eq!(expected.is_empty(), told.is_empty(), "{old} to {new}: {told:?}");
}

#[test]
fn a_field_that_only_the_writer_knows() {
    check("message M { int32 a = 1; string b = 2; }", "message M { int32 a = 1; }", &["b: \"a\""]);
    check("message M { int32 a = 1; }", "message M { int32 a = 1; string b = 2; }", &[]);
    check("message M { A a = 1; } message A { int32 x = 1; }", "message M { A a = 1; } message A { }", &["a { x: 1 }"]);
    check(
        "message M { map<string, A> a = 1; } message A { int32 x = 1; }",
        "message M { map<string, A> a = 1; } message A { }",
        &["a { key: \"a\" value { x: 1 } }"],
    );
}

#[test]
fn a_number_that_only_the_writers_enum_names() {
    let (more, fewer) =
        ("enum E { Z = 0; A = 1; B = 2; } message M { E e = 1; }", "enum E { Z = 0; A = 1; } message M { E e = 1; }");
    check(more, fewer, &["e: B"]);
    assert!(!told(more, fewer).contains(&"e: A".to_owned()));
    let many: Vec<String> = (1..200).map(|number| format!("A{number} = {number};")).collect();
    let all = format!("enum E {{ Z = 0; {} }} message M {{ E e = 1; }}", many.join(" "));
    let but_one = all.replace("A177 = 177;", "");
    assert_eq!(told(&all, &but_one).first().map(String::as_str), Some("e: A177"));
}

#[test]
fn a_value_that_does_not_fit() {
    check("message M { int64 x = 1; }", "message M { int32 x = 1; }", &["x: 9007199254740993", "x: 4294967296"]);
    check("message M { int32 x = 1; }", "message M { int64 x = 1; }", &[]);
    check("message M { bytes x = 1; }", "message M { string x = 1; }", &["x: \"\\377\\376\""]);
    check("message M { string x = 1; }", "message M { bytes x = 1; }", &[]);
    check("message M { repeated int32 x = 1; }", "message M { int32 x = 1; }", &["x: 1 x: -1"]);
    check("message M { int32 x = 1; }", "message M { string y = 1; }", &["x: 1"]);
}

#[test]
fn members_of_a_oneof_that_stood_apart() {
    let (apart, choice) =
        ("message M { int32 a = 1; int32 b = 2; }", "message M { oneof o { int32 a = 1; int32 b = 2; } }");
    check(apart, choice, &["a: 1 b: 1"]);
    check(choice, choice, &[]);
}

#[test]
fn what_the_reader_requires() {
    let required = "proto2 message M { optional int32 a = 1; required int32 b = 2; }";
    let optional = "proto2 message M { optional int32 a = 1; optional int32 b = 2; optional int32 c = 3; }";
    check(optional, required, &["", "b: 0 c: 0"]);
    assert_eq!(told(optional, required).first().map(String::as_str), Some(""));
    check(required, optional, &[]);
    assert_eq!(told("proto2 message M { optional int32 a = 1; }", required), [""]);
}

#[test]
fn presence() {
    let (explicit, implicit) = ("message M { optional int32 x = 1; }", "message M { int32 x = 1; }");
    check(explicit, implicit, &["x: 0"]);
    check(implicit, implicit, &[]);
}

#[test]
fn the_worst_comes_first_and_each_field_before_a_second_of_any() {
    let old = "enum E { Z = 0; A = 1; } message M { E e = 1; int64 x = 2; bytes y = 3; string only = 4; }";
    let new = "enum E { Z = 0; } message M { E e = 1; int32 x = 2; string y = 3; }";
    let first: Vec<String> =
        told(old, new).into_iter().take(4).map(|text| text.split(':').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(first, ["y", "x", "e", "only"]);
}

#[test]
fn nothing_is_beyond_a_messages_own_descriptor() {
    for descriptor in rich::messages() {
        let messages = Messages::of(&descriptor).unwrap_or_else(|e| panic!("{e}"));
        let told: Vec<String> = messages.beyond(&descriptor, 50).iter().map(text).collect();
        assert_eq!(
            told.len(),
            told.iter().filter(|text| text.contains("765432")).count(),
            "{}: {told:?}",
            descriptor.full_name()
        );
    }
}

#[test]
fn a_difference_deep_inside_something_that_holds_itself_is_found() {
    let old = "message M { A a = 1; } message A { B b = 1; A a = 2; } message B { repeated M m = 1; C c = 2; } message C { int32 x = 1; }";
    let new = old.replace("int32 x = 1;", "");
    check(old, &new, &["a { b { c { x: 1 } } }"]);
}
