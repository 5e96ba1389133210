//! Multipart bodies (RFC 2046, RFC 7578): parts between lines of a boundary, which itself says nothing.
//!
//! A form's parts become fields by their names. A file is `{filename, type, content}`, anything else its value, read as its
//! own type says. The parts of other multipart bodies become a list, in their order.

use std::ops::Range;

use bytes::Bytes;
use memchr::memmem;

use crate::model::Document;
use crate::wire::content::nested;
use crate::wire::text::latin1;

/// The most parts to read; the rest of a longer body is left out.
const MAX_PARTS: usize = 10_000;
/// How deep multipart bodies may stand within each other.
const MAX_DEPTH: usize = 4;
/// The longest body of whose parts more than text is read, in bytes: what a tree takes is many times its bytes.
const MAX_READ_INTO: usize = 1 << 20;

/// A part of a multipart body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// The name of a form's field; empty where there is none.
    pub name: String,
    /// The file's name, where it is one.
    pub filename: Option<String>,
    /// Its `Content-Type`, as it was written.
    pub content_type: Option<String>,
    /// Its `Content-ID`, which other parts may name.
    pub id: Option<String>,
    /// Where what it holds stands in the body.
    pub content: Range<usize>,
}

/// The fields of a form, or none where the bytes are none.
pub fn multipart(bytes: &Bytes) -> Option<Document> {
    let parts = parts(bytes)?;
    let fields = parts.into_iter().map(|part| {
        let value = part.field(bytes);
        (part.name.into_boxed_str(), value)
    });
    Some(Document::Fields(fields.collect()))
}

/// The parts of any other multipart body, in their order, or none where the bytes are none.
pub fn mixed(bytes: &Bytes) -> Option<Document> {
    mixed_at(bytes, 0)
}

/// The same, so many multipart bodies deep.
pub(in crate::wire) fn mixed_at(bytes: &Bytes, depth: usize) -> Option<Document> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(Document::List(parts(bytes)?.into_iter().map(|part| part.document(bytes, depth)).collect()))
}

/// The parts of a body, or none where the bytes are none. The boundary is taken from the first line, where every
/// client writes it, so that a body can be read without its header.
pub fn parts(bytes: &[u8]) -> Option<Vec<Part>> {
    let delimiter = delimiter(bytes)?;
    let mut parts = Vec::new();
    let mut at = delimiter.len();
    while parts.len() < MAX_PARTS {
        let rest = bytes.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let start = at + line_end(rest)?;
        let (end, next) = part_end(bytes, start, delimiter)?;
        parts.push(Part::read(bytes, start..end));
        at = next;
    }
    Some(parts)
}

/// A body without what may stand before its first part.
pub(in crate::wire) fn without_preamble(bytes: &Bytes, boundary: Option<&str>) -> Bytes {
    let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else { return bytes.clone() };
    if bytes.starts_with(b"--") && bytes[2..].starts_with(boundary.as_bytes()) {
        return bytes.clone();
    }
    let line = format!("\n--{boundary}");
    memmem::find(bytes, line.as_bytes()).map_or_else(|| bytes.clone(), |at| bytes.slice(at + 1..))
}

/// The first line: two hyphens and the boundary.
fn delimiter(bytes: &[u8]) -> Option<&[u8]> {
    let line = &bytes[..memchr::memchr(b'\n', bytes)?];
    let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end();
    (line.starts_with(b"--") && line.len() > 2 && line.len() <= 2 + 256).then_some(line)
}

/// Past the line break that ends a delimiter.
fn line_end(rest: &[u8]) -> Option<usize> {
    let at = memchr::memchr(b'\n', rest)?;
    rest[..at].iter().all(u8::is_ascii_whitespace).then_some(at + 1)
}

/// Where the part that begins at `start` ends, before the line break before the next delimiter, and where that ends.
fn part_end(bytes: &[u8], start: usize, delimiter: &[u8]) -> Option<(usize, usize)> {
    memmem::find_iter(&bytes[start..], delimiter).find_map(|at| {
        let before = &bytes[start..start + at];
        let part = before.strip_suffix(b"\r\n").or_else(|| before.strip_suffix(b"\n"))?;
        let next = start + at + delimiter.len();
        let after = &bytes[next..];
        (after.starts_with(b"--") || line_end(after).is_some()).then_some((start + part.len(), next))
    })
}

impl Part {
    fn read(body: &[u8], range: Range<usize>) -> Self {
        let bytes = &body[range.clone()];
        let head_end = memmem::find(bytes, b"\r\n\r\n").map(|at| (at, at + 4));
        let head_end = head_end.or_else(|| memmem::find(bytes, b"\n\n").map(|at| (at, at + 2)));
        // A part without headers has no name.
        let headless = if bytes.starts_with(b"\r\n") { 2 } else { usize::from(bytes.starts_with(b"\n")) };
        let (head, content) = head_end.filter(|_| headless == 0).unwrap_or((0, headless));
        let mut part = Self { content: range.start + content..range.end, ..Self::default() };
        let head = &bytes[..head];
        let head = str::from_utf8(head).map_or_else(|_| latin1(head).into_owned(), str::to_owned);
        for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "content-disposition" => {
                    part.name = parameter(value, "name").unwrap_or_default();
                    part.filename = parameter(value, "filename*")
                        .and_then(|name| extended(&name))
                        .or_else(|| parameter(value, "filename"));
                }
                "content-type" => part.content_type = Some(value.trim().to_owned()),
                "content-id" => part.id = Some(value.trim().to_owned()),
                _ => {}
            }
        }
        part
    }

    /// What a form's field holds.
    fn field(&self, body: &Bytes) -> Document {
        match self.filename {
            Some(_) => self.document(body, 0),
            None => self.value(body, 0),
        }
    }

    /// All that the part says of itself, and what it holds.
    fn document(&self, body: &Bytes, depth: usize) -> Document {
        let name = Some(self.name.as_str()).filter(|name| !name.is_empty() && self.filename.is_none());
        let said = [
            ("name", name),
            ("filename", self.filename.as_deref()),
            ("type", self.content_type.as_deref()),
            ("id", self.id.as_deref()),
        ];
        let mut fields: Vec<(Box<str>, Document)> = said
            .into_iter()
            .filter_map(|(name, value)| Some((name.into(), Document::text(own_type(name, value?)))))
            .collect();
        fields.push(("content".into(), self.value(body, depth)));
        Document::Fields(fields)
    }

    fn value(&self, body: &Bytes, depth: usize) -> Document {
        let content = body.slice(self.content.clone());
        match self.content_type.as_deref() {
            Some(content_type) if body.len() <= MAX_READ_INTO => nested(content_type, &content, depth + 1),
            _ => match str::from_utf8(&content) {
                Ok(text) => Document::text(text),
                Err(_) => Document::Bytes(content),
            },
        }
    }
}

/// A nested multipart body draws its boundary anew each time, too.
fn own_type<'a>(name: &str, value: &'a str) -> &'a str {
    let ends = (name == "type").then(|| value.find(';').filter(|at| value[*at..].contains("boundary="))).flatten();
    ends.map_or(value, |at| &value[..at])
}

/// A parameter of a `Content-Disposition`. Browsers write a quote within it as `%22`, others as `\"`.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value;
    while let Some(at) = rest.find(';') {
        rest = rest[at + 1..].trim_start();
        let Some((key, value)) = rest.split_once('=') else { continue };
        if key.trim().eq_ignore_ascii_case(wanted) {
            return Some(unquote(value.trim_start()));
        }
        if let Some(quoted) = value.strip_prefix('"') {
            rest = quoted.split_once('"').map_or("", |(_, after)| after);
        }
    }
    None
}

fn unquote(value: &str) -> String {
    let Some(quoted) = value.strip_prefix('"') else {
        return value.split(';').next().unwrap_or_default().trim().into();
    };
    let mut name = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => name.extend(characters.next()),
            other => name.push(other),
        }
    }
    name.replace("%22", "\"")
}

/// `UTF-8''na%C3%AFve.txt` (RFC 8187).
fn extended(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, name) = rest.split_once('\'')?;
    let bytes = percent_encoding::percent_decode_str(name);
    charset.eq_ignore_ascii_case("utf-8").then(|| bytes.decode_utf8().ok().map(Into::into))?
}
