//! Payloads of every kind, as their types say and as they don't.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::wire::json;

/// How a live payload of that type is read, the document it gives, and what stood in the way.
fn check(content_type: Option<&str>, bytes: impl AsRef<[u8]>, form: Form, document: &str, trouble: Option<&str>) {
    let bytes = Bytes::copy_from_slice(bytes.as_ref());
    let read = content(content_type, &[], &Body::of(bytes.clone()), false);
    assert_eq!((read.form, read.trouble.as_deref()), (form, trouble), "{content_type:?} {bytes:?}");
    let leaves = read.leaves();
    assert_eq!(json::to_string(read.document()), document);
    assert_eq!(leaves, read.document().leaves(), "counted without decoding");
}

#[test]
fn a_payload_is_read_as_its_type_says() {
    check(Some("application/json"), "{\"a\":[1,2]}", Form::Json, r#"{"a":[1,2]}"#, None);
    check(Some("application/json"), b"\xff\xfe1\x00", Form::Json, "1", None);
    check(Some("application/hal+json"), "\u{feff}[]", Form::Json, "[]", None);
    check(Some("application/x-ndjson"), "{}\n{}\n", Form::Lines, "[{},{}]", None);
    check(Some("application/json-seq"), "\u{1e}{}\n", Form::Lines, "[{}]", None);
    check(Some("text/csv"), "a,b\n1,2\n", Form::Table, r#"[{"a":"1","b":"2"}]"#, None);
    check(Some("text/csv; header=absent"), "a,b\n", Form::Table, r#"[["a","b"]]"#, None);
    check(Some("text/csv; charset=latin1"), b"a,b\n1,\xe9\n", Form::Table, "[{\"a\":\"1\",\"b\":\"é\"}]", None);
    check(Some("text/xml"), "<a><b>1</b></a>", Form::Xml, r##"{"a":[{"b":[{"#text":"1"}]}]}"##, None);
    check(Some("text/event-stream"), "data: 1\n\n", Form::Events, r#"[{"event":"message","data":"1"}]"#, None);
    check(
        Some("multipart/mixed; boundary=X"),
        "hi\r\n--X\r\n\r\na\r\n--X--",
        Form::Parts,
        r#"[{"content":"a"}]"#,
        None,
    );
    check(Some("application/json; charset=latin1"), b"\"\xe9\"", Form::Json, "\"é\"", None);
    check(
        Some("image/svg+xml"),
        b"<?xml version='1.0' encoding='latin1'?>\xe9",
        Form::Text,
        "\"<?xml version='1.0' encoding='latin1'?>é\"",
        None,
    );
    check(Some("text/html"), "<a href=/x>", Form::Html, r#"{"forms":{},"links":["/x"]}"#, None);
    check(Some("text/html"), b"<a href=/\xe9>", Form::Html, "{\"forms\":{},\"links\":[\"/é\"]}", None);
    check(Some("application/x-www-form-urlencoded"), "a=1&b=2", Form::Fields, r#"{"a":"1","b":"2"}"#, None);
    check(
        Some("multipart/form-data; boundary=X"),
        "--X\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--X--",
        Form::Fields,
        r#"{"a":"b"}"#,
        None,
    );
    check(Some("text/plain"), "[1]", Form::Text, r#""[1]""#, None);
    check(Some("text/plain; charset=ISO-8859-1"), b"\xe9", Form::Text, "\"é\"", None);
    check(Some("image/x-icon"), "[1]", Form::Opaque, r#""WzFd""#, None);
    check(Some("application/json"), "", Form::Empty, "null", None);
}

#[test]
fn what_is_not_what_its_type_says_is_read_as_the_next_best() {
    check(
        Some("application/json"),
        "<h1>",
        Form::Text,
        r#""<h1>""#,
        Some("not JSON: expected a value at line 1, column 1 (byte 0)"),
    );
    check(
        Some("application/json"),
        b"\xe9",
        Form::Opaque,
        r#""6Q==""#,
        Some("not JSON: bytes that are not UTF-8 at line 1, column 1 (byte 0)"),
    );
    check(
        Some("multipart/form-data"),
        "a=b",
        Form::Text,
        r#""a=b""#,
        Some("not multipart/form-data: no boundary ends its parts"),
    );
    check(Some("text/plain"), b"\xe9", Form::Opaque, r#""6Q==""#, Some("text that is not UTF-8"));
    let trouble = Some("text in charset `utf-32` that is not known");
    check(Some("text/plain; charset=utf-32"), b"\xc1", Form::Opaque, r#""wQ==""#, trouble);
    let trouble = Some("not lines of JSON: record 2: expected a value at line 1, column 1 (byte 0)");
    check(Some("application/jsonl"), "{}\nno\n", Form::Text, r#""{}\nno\n""#, trouble);
    let trouble = Some("not XML: an element that does not end");
    check(Some("application/xml"), "<a>", Form::Text, "\"<a>\"", trouble);
    let trouble = Some("not multipart/mixed: no boundary ends its parts");
    check(Some("multipart/mixed"), "a", Form::Text, "\"a\"", trouble);
    let trouble = Some("said to be application/pdf, and is text");
    check(Some("application/pdf"), "error", Form::Opaque, r#""ZXJyb3I=""#, trouble);
}

#[test]
fn bytes_speak_for_themselves_only_where_there_is_no_type() {
    for none in [None, Some(""), Some(" ; x=y")] {
        check(none, " {\"a\":1}", Form::Json, r#"{"a":1}"#, None);
        check(none, "{a:1}", Form::Text, r#""{a:1}""#, None);
        check(none, "12", Form::Text, r#""12""#, None);
        check(none, "\n<!DOCTYPE html><a href=/x>", Form::Html, r#"{"forms":{},"links":["/x"]}"#, None);
        check(none, b"\0\x01", Form::Opaque, r#""AAE=""#, None);
        check(none, b"\xe9", Form::Opaque, r#""6Q==""#, None);
    }
}

#[test]
fn the_same_text_in_another_charset_is_equal() {
    let read = |content_type: &str, bytes: &[u8]| {
        content(Some(content_type), &[], &Body::of(Bytes::copy_from_slice(bytes)), false)
    };
    let one = read("text/plain; charset=utf-8", "naïve".as_bytes());
    for (content_type, bytes) in [
        ("text/plain; charset=iso-8859-1", &b"na\xefve"[..]),
        ("text/plain; charset=utf-16", b"\xff\xfen\0a\0\xef\0v\0e\0"),
        ("text/plain", b"\xef\xbb\xbfna\xc3\xafve"),
    ] {
        let other = read(content_type, bytes);
        assert_eq!((other.bytes.as_ref(), other.document()), (one.bytes.as_ref(), one.document()), "{content_type}");
    }
}

#[test]
fn what_would_take_too_much_is_not_looked_into() {
    for (content_type, bytes) in [
        ("application/json", format!("[{}0]", "0,".repeat(1 << 20))),
        ("application/x-ndjson", "0\n".repeat(1 << 20)),
        ("text/csv", "0,1\n".repeat(1 << 19)),
        ("application/x-www-form-urlencoded", "a&".repeat(1 << 20)),
        ("text/event-stream", "data:a\n\n".repeat(1 << 19)),
    ] {
        let read = content(Some(content_type), &[], &Body::of(bytes), false);
        assert_eq!((read.form, read.leaves()), (Form::Opaque, 1), "{content_type}");
        let trouble = read.trouble.unwrap_or_default();
        assert!(trouble.contains(" values in ") && trouble.ends_with("more than are looked into"), "{trouble}");
    }
}

#[test]
fn opaque_bytes_say_what_they_are() {
    let read = content(Some("application/octet-stream"), &[], &Body::of(&b"%PDF-1.7"[..]), false);
    assert_eq!((read.form, read.detected, read.trouble), (Form::Opaque, Some("application/pdf"), None));
}

#[test]
fn an_unknown_payload_stays_unknown() {
    let read = content(Some("application/json"), &["gzip"], &Body::Unknown, true);
    assert_eq!((read.bytes.is_none(), read.form, read.document()), (true, Form::Json, &Document::Null));
}

#[test]
fn frames_are_one_payload_and_encodings_come_off() {
    let frames = Body::Frames(vec![Bytes::from_static(b"[1"), Bytes::from_static(b",2]")]);
    assert_eq!(content(Some("application/json"), &[], &frames, false).leaves(), 2);
    // `[1]` in gzip.
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8b\x36\x8c\x05\x00\xb8\x32\x2f\x4c\x03\x00\x00\x00";
    let live = content(Some("application/json"), &["gzip"], &Body::of(&gzip[..]), false);
    assert_eq!((live.form, live.bytes.as_deref()), (Form::Json, Some(&b"[1]"[..])));
}

#[test]
fn a_live_body_must_decode_and_a_recorded_one_need_not() {
    let body = Body::of(&b"[1]"[..]);
    let live = content(Some("application/json"), &["gzip"], &body, false);
    assert_eq!(live.form, Form::Opaque);
    assert!(live.trouble.is_some_and(|trouble| trouble.starts_with("not gzip: ")));
    let recorded = content(Some("application/json"), &["gzip"], &body, true);
    assert_eq!((recorded.form, recorded.trouble.is_none()), (Form::Json, true));
}

proptest! {
    #[test]
    fn no_bytes_panic_under_any_type(bytes in prop::collection::vec(any::<u8>(), 0..60), kind in 0_usize..12) {
        let types = [
            "application/json", "text/html", "multipart/form-data", "application/x-www-form-urlencoded", "text/plain", "x/y", "",
            "text/csv", "application/x-ndjson", "text/event-stream", "multipart/mixed", "text/plain; charset=shift_jis",
        ];
        let read = content(Some(types[kind]), &[], &Body::of(bytes), false);
        prop_assert_eq!(read.leaves(), read.document().leaves());
    }
}
