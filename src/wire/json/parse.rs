//! JSON to a document.

use super::JsonError;
use super::scan::{Quoted, Scanner};
use crate::model::{Document, Number};

/// The document that `bytes` hold.
pub fn parse(bytes: &[u8]) -> Result<Document, JsonError> {
    let mut parser = Parser { scanner: Scanner::new(bytes)?, items: Vec::new(), fields: Vec::new() };
    let document = parser.value()?;
    parser.scanner.end()?;
    Ok(document)
}

/// Elements wait on a stack for the end of their array or object, so that each gets a place of just its size, once.
struct Parser<'a> {
    scanner: Scanner<'a>,
    items: Vec<Document>,
    fields: Vec<(Box<str>, Document)>,
}

impl Parser<'_> {
    fn value(&mut self) -> Result<Document, JsonError> {
        match self.scanner.peek() {
            Some(b'"') => self.scanner.string().map(|quoted| Document::Text(self.text(quoted))),
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'-' | b'0'..=b'9') => {
                self.scanner.number().map(|number| Document::Number(Number::from_text(self.scanner.raw(number))))
            }
            Some(b't') => self.scanner.word("true").map(|()| Document::Bool(true)),
            Some(b'f') => self.scanner.word("false").map(|()| Document::Bool(false)),
            Some(b'n') => self.scanner.word("null").map(|()| Document::Null),
            _ => Err(self.scanner.error("expected a value")),
        }
    }

    fn object(&mut self) -> Result<Document, JsonError> {
        let start = self.fields.len();
        let mut more = !self.scanner.open(b'}')?;
        while more {
            let name = self.scanner.name()?;
            let name = self.text(name);
            let value = self.value()?;
            self.fields.push((name, value));
            more = self.scanner.another(b'}', "expected a comma or the end of the object")?;
        }
        Ok(Document::Fields(off(&mut self.fields, start)))
    }

    fn array(&mut self) -> Result<Document, JsonError> {
        let start = self.items.len();
        let mut more = !self.scanner.open(b']')?;
        while more {
            let item = self.value()?;
            self.items.push(item);
            more = self.scanner.another(b']', "expected a comma or the end of the array")?;
        }
        Ok(Document::List(off(&mut self.items, start)))
    }

    #[inline]
    fn text(&self, quoted: Quoted) -> Box<str> {
        let raw = self.scanner.raw(quoted.raw);
        if quoted.escaped { unescape(raw) } else { raw.into() }
    }
}

/// The elements from `start` on, in a place of just their size. Where they are all that wait, they take theirs along: of a
/// long list no second copy is made.
#[inline]
fn off<T>(waiting: &mut Vec<T>, start: usize) -> Vec<T> {
    if start == 0 && waiting.len() > 1024 {
        let mut all = std::mem::take(waiting);
        all.shrink_to_fit();
        return all;
    }
    waiting.drain(start..).collect()
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
