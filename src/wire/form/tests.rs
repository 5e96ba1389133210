//! Forms in, fields out, and back.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::model::Document;
use crate::wire::json;

fn check(form: &[u8], expected: &str) {
    assert_eq!(json::to_string(&urlencoded(form)), expected);
}

fn check_parts(body: impl AsRef<[u8]>, expected: Option<&str>) {
    let read = multipart(&Bytes::copy_from_slice(body.as_ref()));
    assert_eq!(read.map(|document| json::to_string(&document)).as_deref(), expected);
}

#[test]
fn a_form_becomes_fields_in_their_order() {
    check(b"b=1&a=x+y%21&b=&c", r#"{"b":"1","a":"x y!","b":"","c":""}"#);
    check(b"a%5B%5D=%C3%A9&=x&&", r#"{"a[]":"\u00e9","":"x"}"#.replace("\\u00e9", "é").as_str());
    check(b"a=b=c&a=%zz%4", r#"{"a":"b=c","a":"%zz%4"}"#);
    check(b"", "{}");
    assert_eq!(urlencoded(b"a=%ff").field("a"), Some(&Document::Bytes(Bytes::from_static(b"\xff"))));
}

#[test]
fn fields_become_a_form_again() {
    for form in ["b=1&a=x+y%21&b=", "a%5B%5D=%C3%A9&=x", "a=%FF&t=*-._%7E"] {
        assert_eq!(write(&urlencoded(form.as_bytes())), form);
    }
    let numbers = json::parse(br#"{"a":1.50,"b":true,"c":null,"d":[1]}"#).unwrap();
    assert_eq!(write(&numbers), "a=1.50&b=true&c=&d=");
}

#[test]
fn parts_become_fields() {
    check_parts(
        "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n--X\r\ncontent-disposition: form-data; \
         filename=\"x;name=y.txt\"; name=\"f\"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--X--\r\n",
        Some(r#"{"a":"one\r\ntwo","f":{"filename":"x;name=y.txt","type":"text/plain","content":"file"}}"#),
    );
    check_parts("--X\nContent-Disposition: form-data; name=a\n\n\n--X--", Some(r#"{"a":""}"#));
    check_parts(
        "--X\r\nContent-Disposition: form-data; name=\"a%22b\\\"c\"\r\n\r\n--X-not yet\r\n--X--",
        Some(r#"{"a\"b\"c":"--X-not yet"}"#),
    );
    check_parts("--X--\r\n", None);
    check_parts("--X\r\n\r\nunnamed\r\n--X--", Some(r#"{"":"unnamed"}"#));
    check_parts(b"--X\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\xff\x00\r\n--X--", Some(r#"{"f":"/wA="}"#));
}

#[test]
fn a_part_is_read_as_its_own_type_says() {
    let json =
        "--X\r\nContent-Disposition: form-data; name=a\r\nContent-Type: application/json\r\n\r\n{\"b\":[1]}\r\n--X--";
    check_parts(json, Some(r#"{"a":{"b":[1]}}"#));
    let file = "--X\r\nContent-Disposition: form-data; name=a; filename=\"x.csv\"; filename*=UTF-8''na%C3%AFve.csv\r\n\
                Content-Type: text/csv\r\n\r\nid,n\r\n1,2\r\n--X--";
    check_parts(file, Some(r#"{"a":{"filename":"naïve.csv","type":"text/csv","content":[{"id":"1","n":"2"}]}}"#));
    let nested =
        "--X\r\nContent-Type: multipart/mixed; boundary=Y\r\nContent-ID: <1>\r\n\r\n--Y\r\n\r\ninner\r\n--Y--\r\n--X--";
    let read = mixed(&Bytes::from_static(nested.as_bytes())).map(|document| json::to_string(&document));
    let expected = r#"[{"type":"multipart/mixed","id":"<1>","content":[{"content":"inner"}]}]"#;
    assert_eq!(read.as_deref(), Some(expected));
}

#[test]
fn a_boundary_says_nothing_and_neither_does_what_stands_before_the_first() {
    let body = |boundary: &str| Bytes::from(format!("This is MIME.\r\n--{boundary}\r\n\r\na\r\n--{boundary}--\r\n"));
    let read = |boundary: &str| mixed(&without_preamble(&body(boundary), Some(boundary)));
    assert_eq!(read("X"), read("another-one"));
    assert!(read("X").is_some());
    assert_eq!(without_preamble(&body("X"), None), body("X"));
}

#[test]
fn bodies_within_bodies_end_somewhere() {
    let mut body = "x".to_owned();
    for level in 0..200 {
        body = format!("--{level}\r\nContent-Type: multipart/mixed\r\n\r\n{body}\r\n--{level}--");
    }
    assert!(mixed(&Bytes::from(body)).is_some());
}

#[test]
fn what_has_no_end_is_no_form() {
    for body in ["", "--", "X\r\n", "--X\r\n", "--X\r\nA: b\r\n\r\nc", "--X\r\n\r\n\r\n--X\r\n", "plain text"] {
        check_parts(body, None);
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = urlencoded(&bytes);
        let _ = multipart(&Bytes::from([b"--X\r\n", &bytes[..], b"\r\n--X"].concat()));
    }

    #[test]
    fn any_fields_survive(fields in prop::collection::vec((any::<String>(), any::<String>()), 0..5)) {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), Document::text(value))).collect();
        let document = Document::Fields(fields);
        prop_assert_eq!(urlencoded(write(&document).as_bytes()), document);
    }
}
