//! JSON documents one after the other: a line each (NDJSON, JSON Lines), or after a record separator each (RFC 7464).
//!
//! They become one list, so that a place in any of them is `$[].name`. How lines end, and empty lines, are nothing.

use std::ops::Range;

use super::weight::Weight;
use super::{json, media};
use crate::model::{Document, Form};

/// RFC 7464's separator, which begins a record.
const RECORD: u8 = 0x1e;

/// Whether payloads of that media type are such.
pub fn are_lines(media: &str) -> bool {
    media::form(media) == Form::Lines
}

/// The list of the documents; a record that is none is its text.
pub(super) fn read(bytes: &[u8]) -> Document {
    Document::List(
        records(bytes)
            .map(|range| json::parse(&bytes[range.clone()]).unwrap_or_else(|_| text(&bytes[range])))
            .collect(),
    )
}

/// What [`read`] would make of it; or which record is no JSON, and why.
pub(super) fn weigh(bytes: &[u8]) -> Result<Weight, String> {
    let mut weight = Weight::default();
    for (number, range) in records(bytes).enumerate() {
        let own = json::weigh(&bytes[range]).map_err(|error| format!("record {}: {error}", number + 1))?;
        weight = weight.and(own);
    }
    weight.add_container();
    Ok(weight.or_empty())
}

/// Where the documents stand.
pub fn records(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let separator = if bytes.trim_ascii_start().first() == Some(&RECORD) { RECORD } else { b'\n' };
    let ends = memchr::memchr_iter(separator, bytes).chain([bytes.len()]);
    let mut from = 0;
    ends.filter_map(move |end| {
        let start = std::mem::replace(&mut from, end + 1);
        let whole = bytes.get(start..end)?;
        let record = whole.trim_ascii();
        let before = whole.len() - whole.trim_ascii_start().len();
        (!record.is_empty()).then_some(start + before..start + before + record.len())
    })
}

fn text(bytes: &[u8]) -> Document {
    Document::text(String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let weight = weigh(text.as_bytes());
        let document = read(text.as_bytes());
        match (weight, expected) {
            (Ok(weight), Ok(expected)) => {
                assert_eq!(json::to_string(&document), expected, "{text:?}");
                assert_eq!(weight.leaves, document.leaves(), "{text:?}");
            }
            (Err(trouble), Err(expected)) => assert_eq!(trouble, expected),
            (got, expected) => panic!("{text:?}: {got:?}, not {expected:?}"),
        }
    }

    #[test]
    fn each_line_is_a_document() {
        let rows = r#"[{"id":1},{"id":2}]"#;
        for text in [
            "{\"id\":1}\n{\"id\":2}\n",
            "{\"id\":1}\r\n{\"id\":2}",
            "\n{\"id\":1}\n\n {\"id\":2} \n\n",
            "\u{1e}{\"id\":1}\n\u{1e}{\"id\":2}\n",
            "\u{1e}{\"id\":\n1}\u{1e}{\"id\":2}",
        ] {
            check(text, Ok(rows));
        }
        check("1\n\"a\"\n[]\n", Ok(r#"[1,"a",[]]"#));
        check("\n", Ok("[]"));
    }

    #[test]
    fn a_line_that_is_no_document_is_named() {
        check("{}\n{\"a\":\n", Err("record 2: expected a value at line 1, column 6 (byte 5)"));
        assert_eq!(json::to_string(&read(b"{}\nno")), r#"[{},"no"]"#);
    }
}
