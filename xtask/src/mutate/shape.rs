//! What a text looks like, as a reader would parse it, and the same thing written another way or said another way. Of its
//! own, and not straddle's: a test of trust must not believe what it tests.

/// A form that a reader may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A UUID.
    Uuid,
    /// A date and a time.
    Timestamp,
    /// A date.
    Date,
    /// An HTTP date.
    HttpDate,
    /// Seconds or milliseconds since 1970.
    Epoch,
    /// One long word of letters and digits.
    Token,
    /// Anything else.
    Other,
}

/// Whether a field's or segment's name was made by a program.
pub fn is_generated(name: &str) -> bool {
    let digits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
    digits || is_uuid(name) || is_long_token(name)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(
            |(at, b)| {
                if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() }
            },
        )
}

/// Sixteen characters or more, letters and digits mixed.
fn is_long_token(text: &str) -> bool {
    text.len() >= 16
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=~".contains(&b))
        && text.bytes().filter(u8::is_ascii_digit).count() >= 2
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

impl Shape {
    /// The shape of a text.
    pub fn of(text: &str) -> Self {
        let digits = |range: std::ops::Range<usize>| {
            text.get(range).is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        };
        let is_date = digits(0..4) && digits(5..7) && digits(8..10) && text.get(4..5) == Some("-");
        if is_uuid(text) {
            Self::Uuid
        } else if is_date && text.len() == 10 {
            Self::Date
        } else if is_date && digits(11..13) && digits(14..16) && text.len() >= 19 && text.len() <= 35 {
            Self::Timestamp
        } else if text.len() == 29 && text.ends_with(" GMT") && text.get(3..4) == Some(",") {
            Self::HttpDate
        } else if matches!(text.len(), 10 | 13) && text.starts_with('1') && digits(0..text.len()) {
            Self::Epoch
        } else if text.len() >= 7 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
            Self::Token
        } else {
            Self::Other
        }
    }

    /// The same thing in another form; none where there is no other.
    pub fn reformatted(self, text: &str, salt: u64) -> Option<String> {
        let pick = |of: &[&str]| of[usize::try_from(salt).unwrap_or(0) % of.len()].to_owned();
        Some(match self {
            Self::Uuid if salt.is_multiple_of(3) => text.replace('-', ""),
            Self::Uuid => pick(&["48213", "1795543714"]),
            Self::Timestamp => pick(&["1795543714", "Tue, 24 Nov 2026 16:24:25 GMT", "24.11.2026 16:24"]),
            Self::HttpDate => pick(&["2026-11-24T16:24:25Z", "1795543714"]),
            Self::Date => pick(&["24/11/2026", "1795543714", "24 Nov 2026"]),
            Self::Epoch if text.len() == 10 => format!("{text}000"),
            Self::Epoch => text[..10].to_owned(),
            Self::Token if text.bytes().all(|b| b.is_ascii_digit()) => return None,
            Self::Token => pick(&["0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", "48213"]),
            Self::Other => return None,
        })
    }
}

/// Another value of the same form: one letter or digit is another one.
pub fn another(text: &str, salt: u64) -> Option<String> {
    let of: Vec<usize> =
        text.bytes().enumerate().filter(|(_, b)| b.is_ascii_alphanumeric()).map(|(at, _)| at).collect();
    if of.is_empty() {
        return None;
    }
    // The end of a text is what differs least often and is read most seldom; a fraction of a second is no other value.
    let index = match Shape::of(text) {
        Shape::Timestamp => of.iter().copied().find(|at| *at == 15)?,
        Shape::HttpDate => of.iter().copied().find(|at| *at == 18)?,
        _ if salt.is_multiple_of(2) => *of.last()?,
        _ => of[usize::try_from(salt).unwrap_or(0) % of.len()],
    };
    let mut bytes = text.as_bytes().to_vec();
    bytes[index] = match bytes[index] {
        b'9' => b'1',
        b'f' | b'z' => b'a',
        b'F' | b'Z' => b'A',
        b'0' if index == 0 => b'1',
        byte => byte + 1,
    };
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_form_is_no_longer_the_old_one() {
        for text in [
            "0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11",
            "2026-11-24T16:24:25Z",
            "Tue, 24 Nov 2026 16:24:25 GMT",
            "2026-11-24",
            "1795543714",
            "VykzkWP",
        ] {
            let shape = Shape::of(text);
            for salt in 0..6 {
                let other = shape.reformatted(text, salt).unwrap_or_else(|| panic!("{text}"));
                assert!(Shape::of(&other) != shape || other.len() != text.len(), "{text} → {other}");
            }
        }
        assert_eq!(Shape::of("a word").reformatted("a word", 1), None);
    }

    #[test]
    fn another_value_has_the_same_form_and_length() {
        for text in
            ["0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", "2026-11-24T16:24:25.123Z", "paid", "a (b)", "99", "1795543714"]
        {
            for salt in 0..8 {
                let other = another(text, salt).unwrap_or_else(|| panic!("{text}"));
                assert_ne!(other, text);
                assert_eq!((other.len(), Shape::of(&other)), (text.len(), Shape::of(text)), "{other}");
            }
        }
        assert_eq!(another("…", 0), None);
    }
}
