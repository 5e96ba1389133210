//! What hides secrets wherever bytes leave straddle.

use std::borrow::Cow;

use memchr::memmem::Finder;
use serde_json::Value;

use super::placeholder::written;
use super::{Secrets, writing};

/// Shorter values stand everywhere by chance: nothing could be read any more.
const SHORTEST: usize = 6;

/// Values that nobody may see, in all the ways in which they are written, and the placeholders that are shown instead.
#[derive(Debug, Clone, Default)]
pub struct Mask {
    /// The longest first, so that no part of one stays.
    needles: Vec<Needle>,
}

#[derive(Clone)]
struct Needle {
    finder: Finder<'static>,
    shown: String,
}

impl std::fmt::Debug for Needle {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.shown)
    }
}

impl Mask {
    /// Hides these.
    pub fn new(secrets: &Secrets) -> Self {
        let mut needles = Vec::new();
        for (key, value) in secrets.iter().filter(|(_, value)| value.len() >= SHORTEST) {
            let (name, number) = key.rsplit_once('#').unwrap_or((key, "1"));
            let shown = written(name, number.parse().unwrap_or(1), false);
            let writings = writing::plainly(value).into_iter().chain(writing::within_base64(value.as_bytes()));
            needles.extend(
                writings
                    .map(|needle| Needle { finder: Finder::new(needle.as_bytes()).into_owned(), shown: shown.clone() }),
            );
        }
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.finder.needle().len()));
        Self { needles }
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// The length of the longest text that is hidden: as many bytes must be looked at together.
    pub fn longest(&self) -> usize {
        self.needles.first().map_or(0, |needle| needle.finder.needle().len())
    }

    /// The bytes with placeholders in place of secrets.
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        let mut masked = Cow::Borrowed(bytes);
        for needle in &self.needles {
            let length = needle.finder.needle().len();
            let hits: Vec<usize> = needle.finder.find_iter(&masked).collect();
            if hits.is_empty() {
                continue;
            }
            let mut out = Vec::with_capacity(masked.len());
            let mut from = 0;
            for at in hits {
                out.extend_from_slice(&masked[from..at]);
                out.extend_from_slice(needle.shown.as_bytes());
                from = at + length;
            }
            out.extend_from_slice(&masked[from..]);
            masked = Cow::Owned(out);
        }
        masked
    }

    /// The text with placeholders in place of secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Masks every text and number of a JSON value in place; `names` of fields too.
    pub fn value(&self, value: &mut Value, names: bool) {
        match value {
            Value::String(text) => {
                if let Cow::Owned(masked) = self.text(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item, names)),
            Value::Object(fields) => {
                fields.iter_mut().for_each(|(_, value)| self.value(value, names));
                if names && fields.keys().any(|name| matches!(self.text(name), Cow::Owned(_))) {
                    *fields = std::mem::take(fields)
                        .into_iter()
                        .map(|(name, value)| (self.text(&name).into_owned(), value))
                        .collect();
                }
            }
            // No number can hold a placeholder: a text can.
            Value::Number(number) => {
                if let Cow::Owned(masked) = self.text(&number.to_string()) {
                    *value = Value::String(masked);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask() -> Mask {
        Mask::new(&Secrets::new(
            [("password", "p@ss-w0rd"), ("pin", "1234")].map(|(n, v)| (n.to_owned(), v.to_owned())),
        ))
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(mask().text(text), expected);
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        check("GET /login?password=p%40ss-w0rd&x=1", "GET /login?password={secret:password#1}&x=1");
        check("password is p@ss-w0rd.", "password is {secret:password#1}.");
        check("nothing here", "nothing here");
        assert!(!mask().text("Basic dXNlcjpwQHNzLXcwcmQ=").contains("QHNzLXcwcm"));
    }

    #[test]
    fn what_is_too_short_to_be_told_from_other_text_stays() {
        check("order 1234", "order 1234");
    }

    #[test]
    fn a_number_that_is_a_secret_becomes_a_text() {
        let mask = Mask::new(&Secrets::new([("otp".to_owned(), "918273".to_owned())]));
        let mut value = serde_json::json!({ "otp": 918_273, "n": [918_274, 1.5, null, true] });
        mask.value(&mut value, true);
        assert_eq!(value, serde_json::json!({ "otp": "{secret:otp#1}", "n": [918_274, 1.5, null, true] }));
    }

    #[test]
    fn every_text_of_a_value_is_masked() {
        let mut value = serde_json::json!({ "a": ["p@ss-w0rd", 1], "p@ss-w0rd": null });
        mask().value(&mut value, true);
        assert_eq!(value, serde_json::json!({ "a": ["{secret:password#1}", 1], "{secret:password#1}": null }));
    }
}
