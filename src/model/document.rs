//! The ordered tree that every payload decodes to. Comparing sees only these.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

/// A decoded payload, or a part of one.
///
/// Order is kept, numbers keep their text, and a name that stands twice in an object stands twice here: what a build
/// sent is what is compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Document {
    /// JSON's `null`.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A number of any length, exact.
    Number(Number),
    /// Text.
    Text(Box<str>),
    /// Bytes that are no text, or that nobody could decode.
    Bytes(Bytes),
    /// A sequence.
    List(Vec<Document>),
    /// Named fields in the order in which they were written.
    Fields(Vec<(Box<str>, Document)>),
}

impl Document {
    /// Text, from anything that is some.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(text.into())
    }

    /// The first field of that name, where this has fields.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Fields(fields) => fields.iter().find(|(n, _)| &**n == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The part at that path, each `[]` taken as the first row.
    pub fn at(&self, path: &super::Path) -> Option<&Self> {
        let mut here = self;
        for step in &path.0 {
            here = match (step, here) {
                (super::Step::Field(name), here) => here.field(name)?,
                (super::Step::Item(index), Self::List(items)) => items.get(*index)?,
                (super::Step::Each, Self::List(items)) => items.first()?,
                _ => return None,
            };
        }
        Some(here)
    }

    /// The kind of value, in the words of a report.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Bytes(_) => Kind::Bytes,
            Self::List(_) => Kind::List,
            Self::Fields(_) => Kind::Fields,
        }
    }

    /// How many leaves there are.
    pub fn leaves(&self) -> u64 {
        match self {
            Self::List(items) if !items.is_empty() => items.iter().map(Self::leaves).sum(),
            Self::Fields(fields) if !fields.is_empty() => fields.iter().map(|(_, value)| value.leaves()).sum(),
            _ => 1,
        }
    }

    /// A scalar as the text in which a client would send it back; none for null, bytes and containers.
    pub fn as_scalar_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(number.as_str()),
            Self::Bool(true) => Some("true"),
            Self::Bool(false) => Some("false"),
            _ => None,
        }
    }
}

/// What sort of value a [`Document`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// Any number
    Number,
    /// Text
    Text,
    /// Opaque bytes
    Bytes,
    /// An array
    List,
    /// An object
    Fields,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Null => "null",
            Self::Bool => "boolean",
            Self::Number => "number",
            Self::Text => "string",
            Self::Bytes => "bytes",
            Self::List => "array",
            Self::Fields => "object",
        })
    }
}

/// A number as it was written. Two are equal where they mean the same: `1`, `1.0` and `1e0`.
#[derive(Debug, Clone)]
pub struct Number(Box<str>);

impl Number {
    /// Keeps `text`, which its parser has found to be a JSON number.
    pub fn from_text(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The number as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One text for all numbers that mean the same: `1` for `1.0` too.
    pub fn canonical(&self) -> Cow<'_, str> {
        // Most are integers, which have but one spelling.
        if self.has_one_spelling() && !self.0.as_bytes().contains(&b'.') {
            return Cow::Borrowed(&self.0);
        }
        let (negative, digits, exponent) = self.normal();
        let sign = if negative { "-" } else { "" };
        Cow::Owned(match (digits.as_str(), exponent) {
            ("", _) => "0".to_owned(),
            (digits, 0..=30) => format!("{sign}{digits}{}", "0".repeat(usize::try_from(exponent).unwrap_or_default())),
            (digits, _) => format!("{sign}{digits}e{exponent}"),
        })
    }

    /// Whether no other text without an exponent means the same.
    fn has_one_spelling(&self) -> bool {
        let text = self.0.as_bytes();
        let mut fraction = false;
        for byte in text {
            match byte {
                b'e' | b'E' => return false,
                b'.' => fraction = true,
                _ => {}
            }
        }
        !(fraction && text.ends_with(b"0")) && text != b"-0"
    }

    /// Sign, significant digits without zeros at either end, and the power of ten of the last digit. Never through a
    /// float: integers beyond 2^53 stay apart.
    fn normal(&self) -> (bool, String, i64) {
        let text = &*self.0;
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (
                &text[..at],
                text[at + 1..].parse::<i64>().unwrap_or(if text[at + 1..].starts_with('-') {
                    -1_000_000_000
                } else {
                    1_000_000_000
                }),
            ),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits = String::with_capacity(whole.len() + fraction.len());
        digits.push_str(whole);
        digits.push_str(fraction);
        let mut exponent = exponent - i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        while digits.ends_with('0') {
            digits.pop();
            exponent += 1;
        }
        let digits = digits.trim_start_matches('0').to_owned();
        if digits.is_empty() { (false, digits, 0) } else { (negative, digits, exponent) }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || (!(self.has_one_spelling() && other.has_one_spelling()) && self.normal() == other.normal())
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.to_string().into_boxed_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, equal: bool) {
        assert_eq!(Number::from_text(left) == Number::from_text(right), equal, "{left} against {right}");
    }

    #[test]
    fn numbers_are_equal_by_meaning_and_exact_beyond_floats() {
        check("1", "1.0", true);
        check("1e3", "1000", true);
        check("-0", "0", true);
        check("0.10", "1e-1", true);
        check("2.5", "2.50", true);
        check("2.5", "2.55", false);
        check("2", "2.5", false);
        check("100", "1e2", true);
        check("-0.0", "0", true);
        check("9007199254740993", "9007199254740992", false);
        check("-1", "1", false);
    }

    #[test]
    fn numbers_that_mean_the_same_have_one_text() {
        for (written, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("1e3", "1000"),
            ("-0", "0"),
            ("0.0", "0"),
            ("-2.50", "-25e-1"),
            ("1e99", "1e99"),
        ] {
            assert_eq!(Number::from_text(written).canonical(), expected);
        }
    }
}
