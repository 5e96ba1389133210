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
        Some("{\"a\":\"one\\r\\ntwo\",\"f\":\"file\"}"),
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
