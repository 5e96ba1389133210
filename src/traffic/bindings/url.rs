//! URLs, their parts as they are written, and what those parts say.

use std::fmt::Write as _;
use std::ops::Range;

use crate::model::secret::fragment;

/// Whether a text that stands somewhere is meant as a URL.
pub(super) fn is_url(text: &str) -> bool {
    let starts = ["/", "http://", "https://", "?", "./", "../"];
    starts.iter().any(|start| text.starts_with(start)) && text.len() > 1 && !text.contains(char::is_whitespace)
}

/// The ranges of the path's segments in a target in origin form, from 0.
pub(super) fn segments(target: &str) -> Vec<Range<usize>> {
    let end = fragment(target).unwrap_or(target.len());
    let end = target[..end].find('?').unwrap_or(end);
    let mut from = usize::from(target.starts_with('/'));
    let mut all = Vec::new();
    while from <= end {
        let to = target[from..end].find('/').map_or(end, |at| from + at);
        all.push(from..to);
        from = to + 1;
    }
    all
}

/// The names, decoded, and the ranges of the values in a target's query.
pub(super) fn query(target: &str) -> Vec<(String, Range<usize>)> {
    let Some(start) = target.find('?') else { return Vec::new() };
    let end = fragment(target).unwrap_or(target.len());
    if end <= start { Vec::new() } else { pairs(target, start + 1..end) }
}

/// The names, decoded, and the ranges of the values of `a=1&b=2` in that range of a text. Names without `=` are passed
/// over.
pub(super) fn pairs(text: &str, range: Range<usize>) -> Vec<(String, Range<usize>)> {
    let mut all = Vec::new();
    let mut from = range.start;
    for pair in text[range].split('&') {
        if let Some(at) = pair.find('=')
            && let Some(name) = decode(&pair[..at], true)
        {
            all.push((name, from + at + 1..from + pair.len()));
        }
        from += pair.len() + 1;
    }
    all
}

/// What a percent-encoded text says; `None` where that is no UTF-8. `plus`: a `+` is a space, as in queries and forms.
pub(super) fn decode(raw: &str, plus: bool) -> Option<String> {
    let text = if plus && raw.contains('+') { raw.replace('+', " ") } else { raw.to_owned() };
    if !text.contains('%') {
        return Some(text);
    }
    percent_encoding::percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Where an encoded text is to stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A segment of a path.
    Segment,
    /// A value in a query.
    Query,
    /// A value in a form's body.
    Form,
}

/// Percent-encodes `text` in the style of `like`, the raw text whose place it takes: what stood there raw may stand
/// raw, a space is a `+` where one was, and hexadecimal digits have the same case.
pub(super) fn encode_like(like: &str, text: &str, part: Part) -> String {
    let plus = part != Part::Segment && (like.contains('+') || (part == Part::Form && !like.contains("%20")));
    let digits: String = like.match_indices('%').filter_map(|(at, _)| like.get(at + 1..at + 3)).collect();
    let lower = digits.contains(|c: char| c.is_ascii_lowercase());
    let parts_something: &[u8] = if part == Part::Segment { b"%/?#" } else { b"%&#+" };
    let mut out = String::with_capacity(text.len());
    for &byte in text.as_bytes() {
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let shown = byte.is_ascii_graphic() && like.as_bytes().contains(&byte) && !parts_something.contains(&byte);
        // Writing to a string can't fail.
        let _ = match byte {
            b if unreserved || shown => out.write_char(char::from(b)),
            b' ' if plus => out.write_char('+'),
            b if lower => write!(out, "%{b:02x}"),
            b => write!(out, "%{b:02X}"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_and_values_are_found_where_they_are_written() {
        let target = "/a//b%20c?x=1&y&z=%C3%BC+d#f";
        let segments: Vec<&str> = segments(target).into_iter().map(|range| &target[range]).collect();
        assert_eq!(segments, ["a", "", "b%20c"]);
        let query: Vec<(String, &str)> =
            query(target).into_iter().map(|(name, range)| (name, &target[range])).collect();
        assert_eq!(query, [("x".to_owned(), "1"), ("z".to_owned(), "%C3%BC+d")]);
        assert_eq!(decode("%C3%BC+d", true).as_deref(), Some("ü d"));
        assert_eq!(decode("%ff", true), None);
    }

    #[test]
    fn the_style_of_what_stood_there_is_kept() {
        for (like, text, part, expected) in [
            ("a%2fb", "c/d", Part::Segment, "c%2fd"),
            ("a:b", "c:d", Part::Segment, "c:d"),
            ("ab", "c:d", Part::Segment, "c%3Ad"),
            ("a+b", "c d+e", Part::Query, "c+d%2Be"),
            ("a%20b", "c d", Part::Query, "c%20d"),
            ("a==", "b=&", Part::Query, "b=%26"),
            ("x", "c d", Part::Form, "c+d"),
            ("x", "ü", Part::Segment, "%C3%BC"),
        ] {
            assert_eq!(encode_like(like, text, part), expected, "{text} like {like}");
        }
    }
}
