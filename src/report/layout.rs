//! Text to columns: as wide as a terminal shows it, not as many as its bytes or characters.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::visible;

/// `text`, followed by blanks up to `width` columns.
pub(in crate::report) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// How many columns `text` takes once it is harmless.
pub(in crate::report) fn columns(text: &str) -> usize {
    visible(text).width()
}

/// `text` cut at its end to at most `width` columns.
pub(in crate::report) fn clip(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    format!("{}…", head(text, width.saturating_sub(1)))
}

/// `text` cut in its middle to at most `width` columns: paths differ at their ends.
pub(in crate::report) fn squeeze(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let front = head(text, room - room / 2);
    let backwards: String = text.chars().rev().collect();
    let back: String = head(&backwards, room / 2).chars().rev().collect();
    format!("{front}…{back}")
}

/// The longest beginning of `text` that takes at most `width` columns.
fn head(text: &str, width: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width {
            return &text[..at];
        }
    }
    text
}

/// `text` in rows of at most `width` columns, broken between words, and within a word only where it is longer than a row.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word = word;
        loop {
            let row = rows.len() - 1;
            let used = rows[row].width();
            let blank = usize::from(used > 0);
            if used + blank + word.width() <= width {
                rows[row].push_str(&" ".repeat(blank));
                rows[row].push_str(word);
                break;
            } else if used > 0 {
                rows.push(String::new());
            } else {
                let front = head(word, width);
                rows[row].push_str(front);
                word = &word[front.len()..];
                rows.push(String::new());
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::{clip, squeeze, wrap};

    #[test]
    fn words_are_wrapped_and_what_is_longer_than_a_line_is_broken() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("a abcdefghij", 4), ["a", "abcd", "efgh", "ij"]);
        assert_eq!(wrap("日本語日本語", 5), ["日本", "語日", "本語"]);
    }

    #[test]
    fn text_is_cut_to_columns_and_not_to_bytes() {
        assert_eq!(clip("größe", 4), "grö…");
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(squeeze("GET /a/very/long/path", 11), "GET /…/path");
    }
}
