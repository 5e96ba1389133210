//! JSON in, JSON out, and what is none.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::model::{Document, Number};

/// What `bytes` are read and written back as, or the trouble.
fn check(bytes: impl AsRef<[u8]>, expected: Result<&str, &str>) {
    let bytes = bytes.as_ref();
    let read = parse(bytes).map(|document| to_string(&document)).map_err(|error| error.to_string());
    assert_eq!(read.as_deref().map_err(String::as_str), expected, "{:?}", String::from_utf8_lossy(bytes));
}

#[test]
fn what_is_json_is_read_as_it_is_written() {
    check("null", Ok("null"));
    check(" \r\n\t[ true , false ] ", Ok("[true,false]"));
    check(r#"{"b":1,"a":2,"b":3}"#, Ok(r#"{"b":1,"a":2,"b":3}"#));
    check(r#"[{},[],"",{"":{}}]"#, Ok(r#"[{},[],"",{"":{}}]"#));
    check("9007199254740993.00e+10", Ok("9007199254740993.00e+10"));
    check("-0", Ok("-0"));
    check("123456789012345678901234567890", Ok("123456789012345678901234567890"));
    check(r#""é\u00e9\n\"\\\/\b\f""#, Ok("\"éé\\n\\\"\\\\/\\u0008\\u000c\""));
    check(r#""\ud83d\ude00""#, Ok("\"😀\""));
    check("\u{feff}1", Ok("1"));
    check("\"a long string of forty bytes, no escapes é\"", Ok("\"a long string of forty bytes, no escapes é\""));
}

#[test]
fn a_lone_surrogate_becomes_the_replacement_character() {
    check(r#""\ud83d""#, Ok("\"\u{fffd}\""));
    check(r#""\ude00x""#, Ok("\"\u{fffd}x\""));
    check(r#""\ud83d\u0041""#, Ok("\"\u{fffd}A\""));
    check(r#""\ud83d\ud83d\ude00""#, Ok("\"\u{fffd}😀\""));
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    check("", Err("expected a value at line 1, column 1 (byte 0)"));
    check("[1,]", Err("expected a value at line 1, column 4 (byte 3)"));
    check("{\n \"a\" 1}", Err("expected a colon after the name at line 2, column 6 (byte 7)"));
    check("{a:1}", Err("expected a name in quotes at line 1, column 2 (byte 1)"));
    check("{\"a\":1,}", Err("expected a name in quotes at line 1, column 8 (byte 7)"));
    check("[1 2]", Err("expected a comma or the end of the array at line 1, column 4 (byte 3)"));
    check("{\"a\":1]", Err("expected a comma or the end of the object at line 1, column 7 (byte 6)"));
    check("01", Err("a number with a zero before it at line 1, column 2 (byte 1)"));
    check("-", Err("expected a digit at line 1, column 2 (byte 1)"));
    check("1.", Err("expected a digit at line 1, column 3 (byte 2)"));
    check("1e", Err("expected a digit at line 1, column 3 (byte 2)"));
    check("+1", Err("expected a value at line 1, column 1 (byte 0)"));
    check("nul", Err("expected a value at line 1, column 1 (byte 0)"));
    check("NaN", Err("expected a value at line 1, column 1 (byte 0)"));
    check("\"abc", Err("a string that does not end at line 1, column 5 (byte 4)"));
    check("\"abcdefgh\ti\"", Err("a control character that is not escaped at line 1, column 10 (byte 9)"));
    check("\"ab\tcdefghijklmn\"", Err("a control character that is not escaped at line 1, column 4 (byte 3)"));
    check("\"\\x\"", Err("an escape that JSON does not know at line 1, column 2 (byte 1)"));
    check("\"\\u12g4\"", Err("an escape without its four hexadecimal digits at line 1, column 2 (byte 1)"));
    check("\"\\u+123\"", Err("an escape without its four hexadecimal digits at line 1, column 2 (byte 1)"));
    check("1 1", Err("something after the document's end at line 1, column 3 (byte 2)"));
    check(b"\"\xff\"", Err("bytes that are not UTF-8 at line 1, column 2 (byte 1)"));
}

#[test]
fn ten_thousand_levels_are_refused_and_the_deepest_allowed_are_read() {
    let nested = |levels: usize, open: &str, close: &str| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for levels in [MAX_DEPTH + 1, 10_000] {
            let error = parse(nested(levels, open, close).as_bytes()).unwrap_err();
            assert_eq!(error.what, "more than 512 arrays and objects within each other");
            assert_eq!(leaves(nested(levels, open, close).as_bytes()), 1, "it is read as text");
        }
        let deepest = nested(MAX_DEPTH, open, close);
        check(&deepest, Ok(&deepest));
        let side_by_side = format!("[1{}]", format!(",{}", nested(5, open, close)).repeat(MAX_DEPTH));
        check(&side_by_side, Ok(&side_by_side));
        assert_eq!(weigh(deepest.as_bytes()).unwrap().leaves, 1);
    }
}

#[test]
fn a_value_for_reports_is_exact_or_text() {
    for (number, expected) in [
        ("1", "1"),
        ("1.50", "1.5"),
        ("18446744073709551615", "18446744073709551615"),
        ("123456789012345678901", "\"123456789012345678901\""),
        ("0.1000000000000000055511151231257827", "\"0.1000000000000000055511151231257827\""),
        ("1e400", "\"1e400\""),
    ] {
        assert_eq!(to_value(&Document::Number(Number::from_text(number))).to_string(), expected);
    }
}

/// Whether both parsers read the same. The other one keeps the last of fields with one name.
fn same(document: &Document, other: &Value) -> bool {
    match (document, other) {
        (Document::Null, Value::Null) => true,
        (Document::Bool(truth), Value::Bool(other)) => truth == other,
        (Document::Number(number), number_too @ Value::Number(_)) => {
            serde_json::from_str::<Value>(number.as_str()).unwrap() == *number_too
        }
        (Document::Text(text), Value::String(other)) => **text == **other,
        (Document::List(items), Value::Array(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(item, other)| same(item, other))
        }
        (Document::Fields(fields), Value::Object(others)) => others.iter().all(|(name, other)| {
            fields.iter().rev().find(|(n, _)| **n == **name).is_some_and(|(_, value)| same(value, other))
        }),
        _ => false,
    }
}

fn documents() -> impl Strategy<Value = Document> {
    let number = "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?";
    let leaf = prop_oneof![
        Just(Document::Null),
        any::<bool>().prop_map(Document::Bool),
        number.prop_map(|text: String| Document::Number(Number::from_text(text))),
        any::<String>().prop_map(Document::text),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Document::List),
            prop::collection::vec((any::<String>().prop_map(Into::into), inner), 0..6).prop_map(Document::Fields),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(document in documents()) {
        let written = to_string(&document);
        prop_assert_eq!(parse(written.as_bytes()).unwrap(), document.clone());
        prop_assert_eq!(weigh(written.as_bytes()).unwrap().leaves, document.leaves());
    }

    #[test]
    fn documents_agree_with_another_parser(document in documents()) {
        let written = to_string(&document);
        // The other parser refuses numbers that no float reaches.
        if let Ok(other) = serde_json::from_str::<Value>(&written) {
            prop_assert!(same(&parse(written.as_bytes()).unwrap(), &other), "{}", written);
        }
    }

    #[test]
    fn any_text_is_accepted_or_refused_as_another_parser_does(text in "[\\[\\]{}:,\"\\\\u0-9a-f.eE+ \\-\t\u{1}ntrue]{0,12}") {
        let other = serde_json::from_str::<serde::de::IgnoredAny>(&text);
        prop_assert_eq!(parse(text.as_bytes()).is_ok(), other.is_ok(), "{:?}", text);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(parse(&bytes).ok().map(|document| document.leaves()), weigh(&bytes).ok().map(|weight| weight.leaves));
    }
}
