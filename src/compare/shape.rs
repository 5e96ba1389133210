//! Shapes: what a noisy value always looks like, whatever it is this time.
//!
//! A place that differs between twins is not dropped: the shape of its values is learned, and the mixed cell's value
//! must have it too.

use std::fmt;

/// What a scalar's text looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// No characters at all.
    Empty,
    /// Eight, four, four, four and twelve hexadecimal digits.
    Uuid,
    /// A date and a time in one text, in this format.
    Timestamp(Timestamp),
    /// A date without a time, its digits as zeros: `0000-00-00`.
    Date(&'static str),
    /// Three parts in base64url, the first of which begins as a JSON object does.
    Jwt,
    /// Digits only, as text.
    Digits,
    /// A number that counts seconds, milli-, micro- or nanoseconds since 1970: the power of ten of the unit's fraction.
    Epoch(u8),
    /// Any other number.
    Number,
    /// `true` or `false`.
    Bool,
    /// One word without spaces: random tokens of any length and alphabet.
    Token,
    /// Several words: whatever text stands here, it fits.
    Prose,
    /// Text that is empty at times: anything fits.
    Anything,
}

/// How a date and time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    /// What stands between date and time.
    separator: char,
    /// Whether seconds have a fraction: 0 none, else 3, 6 or 9: as fine as that.
    fraction: u8,
    zone: Zone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Zone {
    None,
    Z,
    /// `+01:00`
    Colon,
    /// `+0100`
    Plain,
    /// `Tue, 24 Nov 2026 16:24:25 GMT`, as HTTP dates are written.
    Http,
}

impl Shape {
    /// The shape of one text.
    pub fn of_text(text: &str) -> Self {
        if text.is_empty() {
            Self::Empty
        } else if is_uuid(text) {
            Self::Uuid
        } else if let Some(timestamp) = Timestamp::of(text) {
            Self::Timestamp(timestamp)
        } else if let Some(pattern) = DATES.into_iter().find(|date| matches_pattern(text.as_bytes(), date.as_bytes())) {
            Self::Date(pattern)
        } else if is_jwt(text) {
            Self::Jwt
        } else if text.bytes().all(|b| b.is_ascii_digit()) {
            Self::Digits
        } else if text.contains(char::is_whitespace) || text.contains("://") {
            Self::Prose
        } else {
            Self::Token
        }
    }

    /// The shape of one number, as it was written.
    pub fn of_number(text: &str) -> Self {
        let whole = text.split(['.', 'e', 'E']).next().unwrap_or_default();
        // 2001 to 2033 in each unit: what looks like a clock and is no small counter.
        match (whole.len(), whole.as_bytes().first()) {
            (10, Some(b'1')) => Self::Epoch(0),
            (13, Some(b'1')) => Self::Epoch(3),
            (16, Some(b'1')) => Self::Epoch(6),
            (19, Some(b'1')) => Self::Epoch(9),
            _ => Self::Number,
        }
    }

    /// Whether this shape names a type that a reader may parse: a change of it breaks the reader.
    pub fn is_typed(self) -> bool {
        matches!(self, Self::Uuid | Self::Timestamp(_) | Self::Date(_) | Self::Jwt | Self::Epoch(_))
    }

    /// Whether this says so little that anything fits.
    pub fn is_blank(self) -> bool {
        matches!(self, Self::Prose | Self::Anything)
    }

    /// The shape that both have; no narrower one has both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        use Shape::{Anything, Bool, Digits, Empty, Epoch, Number, Prose, Timestamp, Token};
        match (self, other) {
            (a, b) if a == b => a,
            (Timestamp(a), Timestamp(b)) if a.separator == b.separator && a.zone == b.zone => {
                Timestamp(self::Timestamp { fraction: a.fraction.max(b.fraction), ..a })
            }
            (Epoch(_) | Number, Epoch(_) | Number) => Number,
            (Bool, Bool) => Bool,
            (Digits | Token, Digits | Token) => Token,
            (Empty | Anything, _) | (_, Empty | Anything) => Anything,
            _ => Prose,
        }
    }

    /// Whether a value of shape `other` fits where this shape was learned.
    pub fn fits(self, other: Self) -> bool {
        use Shape::{Anything, Epoch, Number, Prose, Timestamp};
        match (self, other) {
            (Timestamp(learned), Timestamp(seen)) => learned.fits(seen),
            (Number, Epoch(_)) | (Epoch(_), Number) => self == Number,
            (Prose | Anything, _) => true,
            // A token fits whatever its length and alphabet; one that became a number or a uuid is another format.
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("empty"),
            Self::Uuid => out.write_str("uuid"),
            Self::Timestamp(timestamp) => timestamp.fmt(out),
            Self::Date(pattern) => write!(out, "date, {pattern}"),
            Self::Jwt => out.write_str("jwt"),
            Self::Digits => out.write_str("digits"),
            Self::Epoch(0) => out.write_str("epoch seconds"),
            Self::Epoch(3) => out.write_str("epoch milliseconds"),
            Self::Epoch(6) => out.write_str("epoch microseconds"),
            Self::Epoch(_) => out.write_str("epoch nanoseconds"),
            Self::Number => out.write_str("number"),
            Self::Bool => out.write_str("boolean"),
            Self::Token => out.write_str("token"),
            Self::Prose => out.write_str("text"),
            Self::Anything => out.write_str("text or none"),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.zone == Zone::Http {
            return out.write_str("timestamp, HTTP date");
        }
        let fraction = match self.fraction {
            0 => "",
            3 => ".000",
            6 => ".000000",
            _ => ".000000000",
        };
        let zone = match self.zone {
            Zone::None | Zone::Http => "",
            Zone::Z => "Z",
            Zone::Colon => "+00:00",
            Zone::Plain => "+0000",
        };
        write!(out, "timestamp, 0000-00-00{}00:00:00{fraction}{zone}", self.separator)
    }
}

impl Timestamp {
    fn fits(self, seen: Self) -> bool {
        // A fraction that ends in zeros may be written shorter, so a coarser one fits where a finer one was learned.
        self.separator == seen.separator
            && self.zone == seen.zone
            && (self.fraction == seen.fraction || (self.fraction > seen.fraction && seen.fraction > 0))
    }

    /// Reads `2026-11-24T16:24:25.123Z` and its like, and HTTP dates.
    fn of(text: &str) -> Option<Self> {
        if text.len() == 29 && text.ends_with(" GMT") && text.as_bytes().get(3) == Some(&b',') {
            return Some(Self { separator: ' ', fraction: 0, zone: Zone::Http });
        }
        let bytes = text.as_bytes();
        if bytes.len() < 16 || bytes.len() > 40 || !matches_pattern(&bytes[..10], b"0000-00-00") {
            return None;
        }
        let separator = match bytes[10] {
            b'T' => 'T',
            b't' => 't',
            b' ' => ' ',
            _ => return None,
        };
        let time = &text[11..];
        let seconds = if matches_pattern(time.as_bytes().get(..8)?, b"00:00:00") { 8 } else { return None };
        let mut rest = &time[seconds..];
        let mut fraction = 0;
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            fraction = match digits {
                0 => return None,
                1..=3 => 3,
                4..=6 => 6,
                _ => 9,
            };
            rest = &after[digits..];
        }
        let zone = match rest.as_bytes() {
            b"" => Zone::None,
            b"Z" | b"z" => Zone::Z,
            zone if matches_pattern(zone, b"+00:00") => Zone::Colon,
            zone if matches_pattern(zone, b"+0000") => Zone::Plain,
            _ => return None,
        };
        Some(Self { separator, fraction, zone })
    }
}

/// How dates without a time are written.
const DATES: [&str; 5] = ["0000-00-00", "0000/00/00", "00/00/0000", "00.00.0000", "00-00-0000"];

/// Whether digits stand where the pattern has zeros, a sign where it has a plus, and all else is the same.
fn matches_pattern(bytes: &[u8], pattern: &[u8]) -> bool {
    bytes.len() == pattern.len()
        && bytes.iter().zip(pattern).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            b'+' => matches!(byte, b'+' | b'-'),
            _ => byte == wanted,
        })
}

/// Whether the text is a UUID in its usual form.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ")
        && text.split('.').count() == 3
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

/// Whether a word can only be an identifier that somebody generated: long, with letters and digits mixed.
pub fn is_long_token(text: &str) -> bool {
    text.len() >= 16
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b'~'))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 2
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, shape: &str) {
        assert_eq!(Shape::of_text(text).to_string(), shape, "{text}");
    }

    #[test]
    fn texts_have_the_shape_that_a_reader_would_parse() {
        check("", "empty");
        check("0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", "uuid");
        check("2026-11-24T16:24:25Z", "timestamp, 0000-00-00T00:00:00Z");
        check("2026-11-24T16:24:25+0000", "timestamp, 0000-00-00T00:00:00+0000");
        check("2026-11-24T16:24:25.123456789Z", "timestamp, 0000-00-00T00:00:00.000000000Z");
        check("2026-11-24 16:24:25", "timestamp, 0000-00-00 00:00:00");
        check("Tue, 24 Nov 2026 16:24:25 GMT", "timestamp, HTTP date");
        check("2020-01-05", "date, 0000-00-00");
        check("05/01/2020", "date, 00/00/0000");
        check("1234", "digits");
        check("VykzkWP", "token");
        check("hello world", "text");
        check("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "jwt");
    }

    #[test]
    fn a_shape_fits_what_may_stand_there_and_nothing_else() {
        let fits = |learned: &str, seen: &str| Shape::of_text(learned).fits(Shape::of_text(seen));
        assert!(fits("VykzkWP", "d2LQIDxtJvA"));
        assert!(!fits("0b5e6f0e8a0f4d7e9c580f6a7f0b8a11", "0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11"));
        assert!(!fits("0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", "42"));
        assert!(!fits("2026-11-24T16:24:25Z", "2026-11-24T16:24:25+0000"));
        assert!(!fits("2026-11-24T16:24:25Z", "2026-11-24T16:24:25.5Z"));
        assert!(fits("2026-11-24T16:24:25.123456Z", "2026-11-24T16:24:25.123Z"));
        assert!(!Shape::of_number("1763999999").fits(Shape::of_number("1763999999123")));
        assert!(fits("hello world", ""));
        assert!(!fits("1990-01-05", "05/01/1990"));
    }

    #[test]
    fn joining_keeps_what_both_have() {
        let join = |a: &str, b: &str| Shape::of_text(a).join(Shape::of_text(b)).to_string();
        assert_eq!(join("VykzkWP", "1234567"), "token");
        assert_eq!(
            join("2026-11-24T16:24:25.1Z", "2026-11-24T16:24:25.123456Z"),
            "timestamp, 0000-00-00T00:00:00.000000Z"
        );
        assert_eq!(join("2026-11-24T16:24:25Z", "never"), "text");
    }
}
