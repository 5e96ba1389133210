//! Bytes to lines that are safe to show on a terminal and in a report.

/// A longer line is data and not a message.
const MOST_LINE_BYTES: usize = 8 * 1024;
/// What a cut line ends with.
const CUT: &str = " … (cut)";

/// Cuts bytes into lines as they come.
#[derive(Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    /// The end of this line is being dropped.
    cut: bool,
}

impl Lines {
    /// Gives every line that these bytes complete.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut line: impl FnMut(String)) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            self.extend(&bytes[..end]);
            line(self.finish());
            bytes = &bytes[end + 1..];
        }
        self.extend(bytes);
    }

    /// Gives the last line, where nothing ends it.
    pub(super) fn rest(&mut self) -> Option<String> {
        (!self.partial.is_empty()).then(|| self.finish())
    }

    fn extend(&mut self, bytes: &[u8]) {
        let fits = MOST_LINE_BYTES - self.partial.len();
        self.cut |= bytes.len() > fits;
        self.partial.extend_from_slice(&bytes[..bytes.len().min(fits)]);
    }

    fn finish(&mut self) -> String {
        let mut line = harmless(&self.partial);
        if self.cut {
            line.push_str(CUT);
        }
        self.partial.clear();
        self.cut = false;
        line
    }
}

/// The text without escape sequences, control characters, and the marks that turn the direction of writing.
fn harmless(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| (b' '..=b'~').contains(byte))
        && let Ok(text) = str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    let text = String::from_utf8_lossy(bytes);
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\t' => clean.push_str("    "),
            '\r' if chars.peek().is_none() => {}
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            char if char.is_control() => clean.push(' '),
            char => clean.push(char),
        }
    }
    clean
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_escape(chars: &mut Chars<'_>) {
    match chars.next() {
        Some('[') => skip_control_sequence(chars),
        // Strings for the terminal (titles, links): to BEL, or to ESC and a backslash.
        Some(']' | 'P' | '^' | '_' | 'X') => {
            while let Some(char) = chars.next() {
                if char == '\u{7}' || char == '\u{9c}' || (char == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        // Sequences of three: which character set, and the like.
        Some(' '..='/') => drop(chars.next()),
        _ => {}
    }
}

fn skip_control_sequence(chars: &mut Chars<'_>) {
    while chars.next_if(|char| matches!(char, ' '..='?')).is_some() {}
    chars.next_if(|char| matches!(char, '@'..='~'));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[&str]) {
        let mut lines = Vec::new();
        let mut splitter = Lines::default();
        // However the bytes are cut into chunks, the lines are the same.
        for byte in bytes {
            splitter.push(&[*byte], |line| lines.push(line));
        }
        lines.extend(splitter.rest());
        assert_eq!(lines, expected);
    }

    #[test]
    fn lines_are_cut_at_newlines_and_the_last_needs_none() {
        check(b"a\r\n\nb", &["a", "", "b"]);
        check(b"", &[]);
    }

    #[test]
    fn escape_sequences_and_control_characters_do_no_harm() {
        check(b"\x1b[32mINFO\x1b[0m ready", &["INFO ready"]);
        check(b"\x1b]0;owned\x07title \x1b]8;;http://x\x1b\\link\x1b(B", &["title link"]);
        check(b"10%\r20%\x08\x00", &["10% 20%  "]);
        check("safe\u{202e}txt".as_bytes(), &["safetxt"]);
        check(b"\xff\xfe\ttab", &["\u{fffd}\u{fffd}    tab"]);
        check(b"broken \x1b[", &["broken "]);
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        let long = "x".repeat(MOST_LINE_BYTES);
        check(format!("{long}yyy\nnext").as_bytes(), &[&format!("{long}{CUT}"), "next"]);
        check(long.as_bytes(), &[&long]);
    }
}
