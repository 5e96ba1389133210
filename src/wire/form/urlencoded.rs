//! `application/x-www-form-urlencoded`: `a=1&b=x+y`.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

use crate::model::Document;
use crate::wire::text::latin1;
use crate::wire::weight::Weight;

/// What goes out as it is (WHATWG URL, 5.2); a space becomes `+`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_').remove(b' ');

/// The fields of a form. Every run of bytes is one.
pub fn urlencoded(bytes: &[u8]) -> Document {
    let pairs = bytes.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = match memchr::memchr(b'=', pair) {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &[][..]),
        };
        let name = plain(name);
        let value = plain(value);
        let value = match str::from_utf8(&value) {
            Ok(text) => Document::text(text),
            Err(_) => Document::Bytes(Bytes::copy_from_slice(&value)),
        };
        (str::from_utf8(&name).map_or_else(|_| latin1(&name), Cow::Borrowed).into(), value)
    });
    Document::Fields(pairs.collect())
}

/// No less than what [`urlencoded`] would make of it.
pub(in crate::wire) fn weigh(bytes: &[u8]) -> Weight {
    let mut weight = Weight::default();
    for pair in bytes.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        let name = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        weight.add_name(name);
        weight.add_leaf(pair.len().saturating_sub(name + 1));
    }
    weight.or_empty()
}

/// The form whose fields are `document`'s. What is no scalar is written as nothing.
pub fn write(document: &Document) -> String {
    let Document::Fields(fields) = document else { return String::new() };
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        escape(name.as_bytes(), &mut out);
        out.push('=');
        match value {
            Document::Bytes(bytes) => escape(bytes, &mut out),
            other => escape(other.as_scalar_text().unwrap_or_default().as_bytes(), &mut out),
        }
    }
    out
}

fn plain(escaped: &[u8]) -> Cow<'_, [u8]> {
    let spaced: Vec<u8> = escaped.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    Cow::Owned(percent_decode(&spaced).collect())
}

fn escape(plain: &[u8], out: &mut String) {
    for part in percent_encode(plain, ESCAPED) {
        out.push_str(&part.replace(' ', "+"));
    }
}
