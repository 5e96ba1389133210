//! `multipart/form-data` (RFC 7578): parts between lines of a boundary.

use bytes::Bytes;
use memchr::memmem;

use crate::model::Document;
use crate::wire::text::latin1;

/// The most parts to read; the rest of a longer form is left out.
const MAX_PARTS: usize = 10_000;

/// The fields of a form, or none where the bytes are none. The boundary is taken from the body's first line, where every
/// client writes it, so that a body can be read without its header.
pub fn multipart(bytes: &Bytes) -> Option<Document> {
    let delimiter = delimiter(bytes)?;
    let mut fields = Vec::new();
    let mut at = delimiter.len();
    while fields.len() < MAX_PARTS {
        let rest = bytes.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(Document::Fields(fields));
        }
        let start = at + line_end(rest)?;
        let (end, next) = part_end(bytes, start, delimiter)?;
        fields.push(part(&bytes.slice(start..end)));
        at = next;
    }
    Some(Document::Fields(fields))
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

/// A part's name and value.
fn part(bytes: &Bytes) -> (Box<str>, Document) {
    let head_end = memmem::find(bytes, b"\r\n\r\n").map(|at| (at, at + 4));
    let head_end = head_end.or_else(|| memmem::find(bytes, b"\n\n").map(|at| (at, at + 2)));
    // A part without headers has no name.
    let headless = if bytes.starts_with(b"\r\n") { 2 } else { usize::from(bytes.starts_with(b"\n")) };
    let (head, body) = head_end.filter(|_| headless == 0).unwrap_or((0, headless));
    let name = latin1_or_utf8(&bytes[..head]).lines().find_map(disposition_name).unwrap_or_default();
    let body = bytes.slice(body..);
    let value = match str::from_utf8(&body) {
        Ok(text) => Document::text(text),
        Err(_) => Document::Bytes(body),
    };
    (name, value)
}

fn latin1_or_utf8(bytes: &[u8]) -> String {
    str::from_utf8(bytes).map_or_else(|_| latin1(bytes).into_owned(), str::to_owned)
}

/// The `name` of a `Content-Disposition` line. Browsers write a quote within it as `%22`, others as `\"`.
fn disposition_name(line: &str) -> Option<Box<str>> {
    let (header, value) = line.split_once(':')?;
    if !header.trim().eq_ignore_ascii_case("content-disposition") {
        return None;
    }
    let mut rest = value;
    while let Some(at) = rest.find(';') {
        rest = rest[at + 1..].trim_start();
        let Some((key, value)) = rest.split_once('=') else { continue };
        if key.trim().eq_ignore_ascii_case("name") {
            return Some(unquote(value.trim_start()));
        }
        if let Some(quoted) = value.strip_prefix('"') {
            rest = quoted.split_once('"').map_or("", |(_, after)| after);
        }
    }
    None
}

fn unquote(value: &str) -> Box<str> {
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
    name.replace("%22", "\"").into_boxed_str()
}
