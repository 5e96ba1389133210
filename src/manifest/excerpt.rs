//! The line of a text that a span stands in, fit to be shown: no control characters, no endless lines.
//!
//! Main type: [`Excerpt`].

use std::ops::Range;

/// Characters shown on either side of where a caret begins, so that a line of a megabyte stays readable.
const AROUND: usize = 90;

/// A line, and carets under a part of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line's number, from 1.
    pub line: usize,
    /// Where the span begins in it, in characters from 1.
    pub column: usize,
    /// The line, or what is near the span.
    pub text: String,
    /// What goes before the carets so that they stand under the span.
    pub before: String,
    /// At least one.
    pub carets: String,
}

impl Excerpt {
    pub(super) fn new(text: &str, span: &Range<usize>) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[line_start..line_end].trim_end_matches('\r');
        let (before, rest) = line.split_at(start.min(line_start + line.len()) - line_start);
        let marked = &rest[..end.min(line_start + line.len()).saturating_sub(start.min(line_start + line.len()))];

        let column = before.chars().count();
        let skipped = column.saturating_sub(AROUND);
        let lead: String = before.chars().skip(skipped).map(visible).collect();
        let tail: String = rest.chars().take(AROUND).map(visible).collect();
        let cut_before = if skipped > 0 { "…" } else { "" };
        let cut_after = if rest.chars().nth(AROUND).is_some() { "…" } else { "" };
        Self {
            line: text[..line_start].matches('\n').count() + 1,
            column: column + 1,
            before: format!("{cut_before}{lead}").chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect(),
            text: format!("{cut_before}{lead}{tail}{cut_after}").trim_end().to_owned(),
            carets: "^".repeat(marked.chars().count().clamp(1, AROUND)),
        }
    }
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn visible(c: char) -> char {
    if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }
}

/// A text of the manifest within a message: on one line, not too long, no control characters.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let shown: String = text.chars().take(LONGEST).map(visible).map(|c| if c == '\t' { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() { format!("`{shown}…`") } else { format!("`{shown}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, span: Range<usize>, expected: &str) {
        let excerpt = Excerpt::new(text, &span);
        let shown =
            format!("{}:{} {}\n{}{}", excerpt.line, excerpt.column, excerpt.text, excerpt.before, excerpt.carets);
        assert_eq!(shown, expected);
    }

    #[test]
    fn carets_stand_under_the_span() {
        check("a = 1\nbc = 22\n", 11..13, "2:6 bc = 22\n     ^^");
    }

    #[test]
    fn columns_are_characters_and_tabs_stay_tabs() {
        check("\té = x", 6..7, "1:6 \té = x\n\t    ^");
    }

    #[test]
    fn a_span_at_the_end_or_beyond_one_line_has_a_caret_on_its_first_line() {
        check("a =", 3..3, "1:4 a =\n   ^");
        check("a = [\r\n1", 4..8, "1:5 a = [\n    ^");
        check("", 0..9, "1:1 \n^");
    }

    #[test]
    fn a_span_within_a_character_is_no_panic() {
        check("é", 1..2, "1:1 é\n^");
    }

    #[test]
    fn control_characters_are_not_passed_on() {
        check("a = \u{1b}[2J", 4..5, "1:5 a = \u{fffd}[2J\n    ^");
    }

    #[test]
    fn an_endless_line_is_cut_on_both_sides() {
        let text = "x".repeat(1000);
        let excerpt = Excerpt::new(&text, &(500..900));
        assert_eq!(excerpt.column, 501);
        assert_eq!(excerpt.text.chars().count(), 2 * AROUND + 2);
        assert_eq!(excerpt.carets.len(), AROUND);
    }
}
