//! A payload's headers and bytes to a [`Content`]: encodings off, the form chosen, the document left to whoever asks.

use std::borrow::Cow;

use bytes::Bytes;

use super::encoding::{self, MAX_DECODED};
use super::text::{self, Charset};
use super::{form, html, json, media};
use crate::model::{Answer, Body, Call, Content, Document, Form, Metadata, Reader, Reply};

/// A reply, decoded; leniently where it comes from a recording.
pub fn answer(reply: &Reply, lenient: bool) -> Answer {
    Answer {
        status: reply.status,
        metadata: reply.metadata.clone(),
        trailers: reply.trailers.clone(),
        content: of(&reply.metadata, &reply.body, lenient),
    }
}

/// What a recorded call carries, decoded.
pub fn carried(call: &Call) -> Content {
    of(&call.metadata, &call.body, true)
}

/// A payload of that `Content-Type` and those values of `Content-Encoding`, decoded.
pub fn content(content_type: Option<&str>, encodings: &[&str], body: &Body, lenient: bool) -> Content {
    let media = content_type.map(media::essence).unwrap_or_default();
    let raw = match body {
        Body::Unknown => return Content::new(media.clone(), media::form(&media), None, None, NOTHING),
        Body::Empty => Bytes::new(),
        Body::Frames(frames) if frames.len() == 1 => frames[0].clone(),
        Body::Frames(frames) => frames.concat().into(),
    };
    let encodings = encoding::named(encodings.iter().copied());
    let (bytes, trouble) = if lenient {
        encoding::decode_lenient(&encodings, &raw)
    } else {
        match encoding::decode(&encodings, &raw, MAX_DECODED) {
            Ok(bytes) => (bytes, None),
            Err(trouble) => (raw, Some(trouble)),
        }
    };
    let choice = match (&trouble, content_type) {
        (Some(_), _) => Choice { trouble, ..Choice::of(Form::Opaque, OPAQUE) },
        (None, _) if bytes.is_empty() => Choice::of(Form::Empty, NOTHING),
        (None, Some(content_type)) if !media.is_empty() => by_type(content_type, &media, &bytes),
        (None, _) => by_bytes(&bytes),
    };
    let content = Content::new(media, choice.form, Some(bytes), choice.trouble, choice.reader);
    match choice.leaves {
        Some(leaves) => content.counted(leaves),
        None => content,
    }
}

fn of(metadata: &Metadata, body: &Body, lenient: bool) -> Content {
    let encodings: Vec<&str> = metadata.all("content-encoding").collect();
    content(metadata.get("content-type"), &encodings, body, lenient)
}

/// How a payload will be read, and what stood in the way of reading it as its type asks.
struct Choice {
    form: Form,
    reader: Reader,
    trouble: Option<String>,
    /// How many leaves there are, where looking for trouble has counted them.
    leaves: Option<u64>,
}

impl Choice {
    fn of(form: Form, reader: Reader) -> Self {
        Self { form, reader, trouble: None, leaves: None }
    }
}

fn by_type(content_type: &str, media: &str, bytes: &Bytes) -> Choice {
    let charset = media::parameter(content_type, "charset");
    match media::form(media) {
        Form::Json => match json::count(&json_text(bytes)) {
            Ok(leaves) => Choice { leaves: Some(leaves), ..Choice::of(Form::Json, JSON) },
            Err(error) => {
                let text = as_text(charset, bytes);
                Choice { trouble: Some(format!("not JSON: {error}")), ..text }
            }
        },
        Form::Fields if media == "multipart/form-data" => {
            if form::multipart(bytes).is_some() {
                Choice::of(Form::Fields, MULTIPART)
            } else {
                let text = as_text(charset, bytes);
                Choice { trouble: Some("not multipart/form-data: no boundary ends its parts".to_owned()), ..text }
            }
        }
        Form::Fields => Choice::of(Form::Fields, URLENCODED),
        Form::Html => Choice::of(Form::Html, HTML),
        Form::Text => as_text(charset, bytes),
        Form::Empty | Form::Opaque => Choice::of(Form::Opaque, OPAQUE),
    }
}

fn as_text(charset: Option<&str>, bytes: &Bytes) -> Choice {
    let known = Charset::named(charset);
    match (known.read(bytes), known) {
        (Some(_), Charset::Latin1) => Choice::of(Form::Text, LATIN1),
        (Some(_), _) => Choice::of(Form::Text, TEXT),
        (None, _) => {
            let trouble = match charset {
                Some(charset) => format!("text in charset `{charset}` that can't be read"),
                None => "text that is not UTF-8".to_owned(),
            };
            Choice { trouble: Some(trouble), ..Choice::of(Form::Opaque, OPAQUE) }
        }
    }
}

/// No type: what the bytes look like.
fn by_bytes(bytes: &Bytes) -> Choice {
    let Some(text) = text::unicode(bytes) else { return Choice::of(Form::Opaque, OPAQUE) };
    let start = text.trim_start();
    let begins = |word: &str| start.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    if start.starts_with(['{', '[']) && json::count(text.as_bytes()).is_ok() {
        Choice::of(Form::Json, JSON)
    } else if begins("<!doctype html") || begins("<html") {
        Choice::of(Form::Html, HTML)
    } else if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        Choice::of(Form::Opaque, OPAQUE)
    } else {
        Choice::of(Form::Text, TEXT)
    }
}

const NOTHING: Reader = Reader { decode: |_| Document::Null, leaves: |_| 1 };
const OPAQUE: Reader = Reader { decode: |bytes| Document::Bytes(bytes.clone()), leaves: |_| 1 };
const TEXT: Reader = Reader { decode: read_text, leaves: |_| 1 };
const LATIN1: Reader = Reader { decode: |bytes| Document::text(text::latin1(bytes)), leaves: |_| 1 };
const JSON: Reader = Reader {
    decode: |bytes| json::parse(&json_text(bytes)).unwrap_or_else(|_| read_text(bytes)),
    leaves: |bytes| json::leaves(&json_text(bytes)),
};
const HTML: Reader = Reader { decode: read_page, leaves: |bytes| read_page(bytes).leaves() };
const URLENCODED: Reader =
    Reader { decode: |bytes| form::urlencoded(bytes), leaves: |bytes| form::urlencoded(bytes).leaves() };
const MULTIPART: Reader = Reader { decode: read_parts, leaves: |bytes| read_parts(bytes).leaves() };

fn read_text(bytes: &Bytes) -> Document {
    text::unicode(bytes).map_or_else(|| Document::Bytes(bytes.clone()), Document::text)
}

/// A page in a charset that is not known here is still read: names and URLs are ASCII nearly always.
fn read_page(bytes: &Bytes) -> Document {
    html::read(&text::unicode(bytes).unwrap_or_else(|| text::latin1(bytes)))
}

fn read_parts(bytes: &Bytes) -> Document {
    form::multipart(bytes).unwrap_or_else(|| read_text(bytes))
}

/// JSON is UTF-8, but some write UTF-16, with its mark.
fn json_text(bytes: &[u8]) -> Cow<'_, [u8]> {
    match (bytes, text::unicode(bytes)) {
        ([0xff, 0xfe, ..] | [0xfe, 0xff, ..], Some(text)) => Cow::Owned(text.into_owned().into_bytes()),
        _ => Cow::Borrowed(bytes),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How a live payload of that type is read, the document it gives, and what stood in the way.
    fn check(content_type: Option<&str>, bytes: impl AsRef<[u8]>, form: Form, document: &str, trouble: Option<&str>) {
        let bytes = Bytes::copy_from_slice(bytes.as_ref());
        let read = content(content_type, &[], &Body::of(bytes.clone()), false);
        assert_eq!((read.form, read.trouble.as_deref()), (form, trouble), "{content_type:?} {bytes:?}");
        assert_eq!(read.bytes, Some(bytes));
        let leaves = read.leaves();
        assert_eq!(json::to_string(read.document()), document);
        assert_eq!(leaves, read.document().leaves(), "counted without decoding");
    }

    #[test]
    fn a_payload_is_read_as_its_type_says() {
        check(Some("application/json"), "{\"a\":[1,2]}", Form::Json, r#"{"a":[1,2]}"#, None);
        check(Some("application/json"), b"\xff\xfe1\x00", Form::Json, "1", None);
        check(Some("application/hal+json"), "\u{feff}[]", Form::Json, "[]", None);
        check(Some("application/x-ndjson"), "{}\n{}\n", Form::Text, r#""{}\n{}\n""#, None);
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
        check(Some("image/png"), "[1]", Form::Opaque, r#""WzFd""#, None);
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
        let trouble = Some("text in charset `koi8-r` that can't be read");
        check(Some("text/plain; charset=koi8-r"), b"\xc1", Form::Opaque, r#""wQ==""#, trouble);
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
        fn no_bytes_panic_under_any_type(bytes in prop::collection::vec(any::<u8>(), 0..60), kind in 0_usize..7) {
            let types = ["application/json", "text/html", "multipart/form-data", "application/x-www-form-urlencoded", "text/plain", "x/y", ""];
            let read = content(Some(types[kind]), &[], &Body::of(bytes), false);
            prop_assert_eq!(read.leaves(), read.document().leaves());
        }
    }
}
