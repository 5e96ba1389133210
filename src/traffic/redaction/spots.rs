//! Places at which a credential stands, by what is around it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use super::shapes;
use crate::model::secret::{self, Naming, has_placeholder};

/// A credential in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// Where it is written.
    pub(super) range: Range<usize>,
    /// What it says, decoded.
    pub(super) value: String,
    /// What it is called.
    pub(super) name: String,
    pub(super) written: Written,
}

/// How a credential is written, and a placeholder is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// As text.
    Plain,
    /// As a JSON number, which a placeholder can't be.
    Number,
    /// In base64, between these texts.
    Base64 { before: String, after: String },
}

/// Who sent the text in which a credential is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// A client.
    Call,
    /// A server.
    Reply,
}

impl Spot {
    pub(super) fn plain(range: Range<usize>, value: impl Into<String>, name: impl Into<String>) -> Self {
        Self { range, value: value.into(), name: name.into(), written: Written::Plain }
    }
}

/// Shorter values under names such as `code` are what people type, and ids.
const LONG_SENT: usize = 16;

/// Whether the value of a field, a parameter or a header of that name is a credential.
pub(super) fn is_credential(name: &str, value: &str, from: From) -> bool {
    let looks = match naming(name) {
        // Under `password` a server has its complaints about one.
        Naming::Surely => from == From::Call || !value.contains(char::is_whitespace),
        Naming::Perhaps => shapes::is_drawn(value),
        Naming::Sent => {
            // What a reply has there is given out where nothing but a credential is as long.
            shapes::is_long_token(value) || (from == From::Call && value.len() >= LONG_SENT && shapes::is_drawn(value))
        }
        Naming::Silent => shapes::is_long_token(value),
        Naming::Never => false,
    };
    looks && !value.is_empty() && !has_placeholder(value) && !is_nothing(value)
}

/// What a name says of its value. The same few names come again and again: what they say is remembered.
pub(super) fn naming(name: &str) -> Naming {
    const MOST: usize = 4096;
    thread_local! {
        static KNOWN: RefCell<HashMap<String, Naming>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(naming) = known.get(name) {
            return *naming;
        }
        let naming = secret::naming(name);
        if known.len() < MOST && name.len() <= 64 {
            known.insert(name.to_owned(), naming);
        }
        naming
    })
}

/// Words in place of a value, and what somebody else has taken out already.
fn is_nothing(value: &str) -> bool {
    const WORDS: [&str; 16] = [
        "true",
        "false",
        "null",
        "nil",
        "none",
        "undefined",
        "yes",
        "no",
        "on",
        "off",
        "deleted",
        "redacted",
        "[redacted]",
        "<redacted>",
        "[filtered]",
        "0",
    ];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || value.chars().all(|c| matches!(c, '*' | '•' | 'x' | 'X' | '.' | '-'))
}

/// The credential behind a scheme's name: `Bearer abc` is `abc`. Gives what stands before it, too.
pub(super) fn without_scheme(value: &str) -> (&str, &str) {
    const SCHEMES: [&str; 6] = ["bearer", "token", "jwt", "apikey", "negotiate", "basic"];
    match value.split_once(' ') {
        Some((scheme, rest)) if SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            let rest = rest.trim_start();
            (&value[..value.len() - rest.len()], rest)
        }
        _ => ("", value),
    }
}

/// Whether it is worth looking at a value: most are short, and go under names that say nothing.
pub(super) fn may_be_one(name: &str, length: usize) -> bool {
    may_be_one_by(naming(name), length)
}

/// The same, where it is known what the name says.
pub(super) fn may_be_one_by(naming: Naming, length: usize) -> bool {
    match naming {
        Naming::Never => false,
        Naming::Silent => length >= shapes::LONG,
        Naming::Sent => length >= LONG_SENT,
        Naming::Perhaps | Naming::Surely => length > 0,
    }
}

/// A credential of that name at that range of a text, `decode` saying what is written there; none where it is none.
pub(super) fn named<'t>(
    text: &'t str,
    range: Range<usize>,
    name: &str,
    from: From,
    decode: impl Fn(&'t str) -> Cow<'t, str>,
) -> Option<Spot> {
    let raw = &text[range.clone()];
    if !may_be_one(name, raw.len()) {
        return None;
    }
    let (scheme, rest) = without_scheme(raw);
    let value = decode(rest);
    is_credential(name, &value, from).then(|| Spot::plain(range.start + scheme.len()..range.end, value, name))
}

/// In order, none within another: of two that overlap the one that begins first, and of those the longest.
pub(super) fn settled(mut spots: Vec<Spot>) -> Vec<Spot> {
    spots.sort_by_key(|spot| (spot.range.start, std::cmp::Reverse(spot.range.end)));
    let mut end = 0;
    spots.retain(|spot| {
        let apart = spot.range.start >= end;
        if apart {
            end = spot.range.end;
        }
        apart
    });
    spots
}

/// Percent-encoding off; what is no UTF-8 stays as it is.
pub(super) fn percent(raw: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(raw).decode_utf8().unwrap_or(Cow::Borrowed(raw))
}

/// Percent-encoding off, a `+` being a space.
pub(super) fn form(raw: &str) -> Cow<'_, str> {
    if raw.contains('+') { Cow::Owned(percent(&raw.replace('+', " ")).into_owned()) } else { percent(raw) }
}
