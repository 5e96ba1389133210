//! What is no TOML: the parser's words, and what to do about it.

use super::error::Problems;

/// What the parser says, and the fix for it. The first that fits counts.
const FIXES: [(&str, &str); 8] = [
    ("string values must be quoted", "write the value in quotes: `name = \"value\"`"),
    ("duplicate key", "a key stands once in its table: merge the two, or take one out"),
    ("unclosed table", "close the header on its line: `[service.shop]`"),
    ("unclosed array", "close the list with `]`"),
    ("unclosed inline table", "close the table with `}`"),
    ("invalid basic string", "close the string with `\"` on its line; a backslash in it is written `\\\\`, or use '…'"),
    ("key with no value", "a line is `key = value` or a header such as `[service.shop]`"),
    ("recur", "nothing in a manifest nests that deep: take the extra brackets out"),
];

/// Reports the first error of each line: those that follow mostly come of it.
pub(super) fn report(errors: &[toml::de::Error], text: &str, problems: &mut Problems) {
    let mut errors: Vec<_> = errors.iter().map(|error| (error.span().unwrap_or(0..0), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let mut last_line = None;
    for (span, message) in errors {
        let start = span.start.min(text.len());
        let line = text.as_bytes()[..start].split(|byte| *byte == b'\n').count();
        if last_line == Some(line) {
            continue;
        }
        last_line = Some(line);
        let fix = FIXES.iter().find(|(words, _)| message.contains(words)).map(|(_, fix)| *fix);
        problems.push(
            "manifest::syntax",
            span,
            format!("this is no TOML: {message}"),
            fix.unwrap_or("a line is `key = value` or a header such as `[service.shop]`; text stands in quotes"),
        );
    }
}
