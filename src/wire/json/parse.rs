//! JSON to a document.

use super::JsonError;
use super::scan::{Quoted, Scanner};
use crate::model::{Document, Number};

/// The document that `bytes` hold.
pub fn parse(bytes: &[u8]) -> Result<Document, JsonError> {
    let mut scanner = Scanner::new(bytes)?;
    let document = value(&mut scanner)?;
    scanner.end()?;
    Ok(document)
}

fn value(scanner: &mut Scanner<'_>) -> Result<Document, JsonError> {
    match scanner.peek() {
        Some(b'"') => Ok(Document::Text(text(scanner.string()?))),
        Some(b'{') => fields(scanner),
        Some(b'[') => list(scanner),
        Some(b'-' | b'0'..=b'9') => Ok(Document::Number(Number::from_text(scanner.number()?))),
        Some(b't') => scanner.word("true").map(|()| Document::Bool(true)),
        Some(b'f') => scanner.word("false").map(|()| Document::Bool(false)),
        Some(b'n') => scanner.word("null").map(|()| Document::Null),
        _ => Err(scanner.error("expected a value")),
    }
}

fn fields(scanner: &mut Scanner<'_>) -> Result<Document, JsonError> {
    let mut fields = Vec::new();
    if scanner.open(b'}')? {
        return Ok(Document::Fields(fields));
    }
    loop {
        let name = text(scanner.name()?);
        fields.push((name, value(scanner)?));
        if !scanner.another(b'}', "expected a comma or the end of the object")? {
            return Ok(Document::Fields(fields));
        }
    }
}

fn list(scanner: &mut Scanner<'_>) -> Result<Document, JsonError> {
    let mut items = Vec::new();
    if scanner.open(b']')? {
        return Ok(Document::List(items));
    }
    loop {
        items.push(value(scanner)?);
        if !scanner.another(b']', "expected a comma or the end of the array")? {
            return Ok(Document::List(items));
        }
    }
}

#[inline]
fn text(quoted: Quoted<'_>) -> Box<str> {
    if quoted.escaped { unescape(quoted.raw) } else { quoted.raw.into() }
}

/// Text without its escapes, which the scanner has found valid.
fn unescape(mut raw: &str) -> Box<str> {
    let mut text = String::with_capacity(raw.len());
    while let Some(at) = memchr::memchr(b'\\', raw.as_bytes()) {
        text.push_str(&raw[..at]);
        let (letter, rest) = raw[at + 1..].split_at(1);
        raw = rest;
        match letter {
            "b" => text.push('\u{8}'),
            "f" => text.push('\u{c}'),
            "n" => text.push('\n'),
            "r" => text.push('\r'),
            "t" => text.push('\t'),
            "u" => {
                let (character, rest) = unicode(raw);
                text.push(character);
                raw = rest;
            }
            itself => text.push_str(itself),
        }
    }
    text.push_str(raw);
    text.into_boxed_str()
}

/// The character of `XXXX` or `XXXX\uXXXX`, and what follows it.
fn unicode(raw: &str) -> (char, &str) {
    let (first, rest) = unit(raw);
    if let 0xd800..0xdc00 = first
        && let Some(second) = rest.strip_prefix("\\u")
        && let (second @ 0xdc00..0xe000, rest) = unit(second)
    {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), rest);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn unit(raw: &str) -> (u32, &str) {
    let (digits, rest) = raw.split_at(4);
    (u32::from_str_radix(digits, 16).unwrap_or(0xfffd), rest)
}
