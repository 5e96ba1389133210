//! Makes text that a build answered harmless: what would move a cursor, change a colour, turn the direction of writing
//! or break XML is written out, so that a person sees that it was there.

use std::borrow::Cow;
use std::fmt::Write;

/// `text` on one line, with every control character, invisible character and bidirectional override as a visible escape.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_harmful(c) => drop(write!(out, "\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // soft hyphen, Arabic letter mark, Hangul fillers, Mongolian vowel separator: invisible
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}'
            // zero widths, marks and overrides of the direction, line and paragraph separators
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // byte order mark, interlinear annotations, what is no character in XML
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            // tags: a whole hidden alphabet
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(visible(text), expected);
    }

    #[test]
    fn plain_text_of_any_script_stays() {
        check("GET /größe/日本/{}", "GET /größe/日本/{}");
    }

    #[test]
    fn an_escape_sequence_is_written_out() {
        check("\u{1b}[2Jgone\u{9b}31m", "\\u{1b}[2Jgone\\u{9b}31m");
    }

    #[test]
    fn line_breaks_stay_on_the_line() {
        check("a\r\n\tb\u{2028}c\0", "a\\r\\n\\tb\\u{2028}c\\u{0}");
    }

    #[test]
    fn overrides_of_the_direction_are_written_out() {
        check("user\u{202e}txt.exe\u{2066}", "user\\u{202e}txt.exe\\u{2066}");
    }

    #[test]
    fn what_no_xml_may_hold_is_written_out() {
        check("\u{ffff}\u{fffe}\u{feff}", "\\u{ffff}\\u{fffe}\\u{feff}");
    }
}
