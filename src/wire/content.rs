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
        (Some(_), _) => Choice { form: Form::Opaque, reader: OPAQUE, trouble },
        (None, _) if bytes.is_empty() => Choice::of(Form::Empty, NOTHING),
        (None, Some(content_type)) if !media.is_empty() => by_type(content_type, &media, &bytes),
        (None, _) => by_bytes(&bytes),
    };
    Content::new(media, choice.form, Some(bytes), choice.trouble, choice.reader)
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
}

impl Choice {
    fn of(form: Form, reader: Reader) -> Self {
        Self { form, reader, trouble: None }
    }
}

fn by_type(content_type: &str, media: &str, bytes: &Bytes) -> Choice {
    let charset = media::parameter(content_type, "charset");
    match media::form(media) {
        Form::Json => match json::count(&json_text(bytes)) {
            Ok(_) => Choice::of(Form::Json, JSON),
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
        (None, _) => Choice {
            form: Form::Opaque,
            reader: OPAQUE,
            trouble: Some(match charset {
                Some(charset) => format!("text in charset `{charset}` that can't be read"),
                None => "text that is not UTF-8".to_owned(),
            }),
        },
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
