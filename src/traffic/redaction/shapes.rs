//! What credentials look like, wherever they stand: JWTs, keys with known beginnings, private keys, URLs with a password,
//! and long random tokens.
//!
//! Not credentials are uuids, digests in hexadecimal, names of files, what is readable once its base64 is off (cursors),
//! and data in base64.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_PAD_INDIFFERENT, URL_SAFE_PAD_INDIFFERENT};
use memchr::memmem;
use regex::bytes::Regex;

use super::spots::{From, Spot, form, is_credential, naming, percent};
use crate::model::secret::{Look, Naming, looks};
use crate::traffic::bindings::is_distinctive;

/// `?name=value`, `&name=value`, wherever a URL may stand.
const QUERIES: &str = "(?-u)(?:^|[?&;#])(?P<name>[A-Za-z0-9_.\\[\\]-]{1,64})=(?P<value>[^&;#\\s\"'<>\\\\{}]+)";
/// `name: "value"`, `name=value` in text that is no document.
const ASSIGNED: &str = "(?-u)(?P<name>[A-Za-z][A-Za-z0-9_.-]{1,63})[\"']?\\s{0,4}[:=]\\s{0,4}[\"']?(?P<value>[^\\s\"'<>,;&(){}\\[\\]]{8,})";

static QUERY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(QUERIES).ok());
static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ASSIGNED).ok());

/// Credentials by their look, and by the names of parameters in URLs, anywhere in a text.
pub(super) fn anywhere(text: &[u8], from: From, spots: &mut Vec<Spot>) {
    for (range, look) in looks(text) {
        let Ok(raw) = std::str::from_utf8(&text[range.clone()]) else { continue };
        let value = if look == Look::Password { percent(raw).into_owned() } else { raw.to_owned() };
        spots.push(Spot::plain(range, value, look.name()));
    }
    private_keys(text, spots);
    if memchr::memchr(b'=', text).is_none() {
        return;
    }
    for found in QUERY.iter().flat_map(|query| query.captures_iter(text)) {
        if let (Some(name), Some(value)) = (found.name("name"), found.name("value"))
            && let (Ok(name), Ok(raw)) = (std::str::from_utf8(name.as_bytes()), std::str::from_utf8(value.as_bytes()))
        {
            parameter(name, raw, value.start(), from, spots);
        }
    }
}

/// A parameter that is a credential, or another URL that has some.
fn parameter(name: &str, raw: &str, start: usize, from: From, spots: &mut Vec<Spot>) {
    let mut add = |name: &str, raw: &str, at: usize| {
        let value = form(raw);
        let is_one = naming(name) != Naming::Silent && is_credential(name, &value, from);
        if is_one {
            spots.push(Spot::plain(at..at + raw.len(), value, name));
        }
        is_one
    };
    if add(name, raw, start) {
        return;
    }
    let mut at = start;
    for (number, part) in
        raw.split("%26").flat_map(|part| part.split("%3F")).flat_map(|part| part.split("%3f")).enumerate()
    {
        // What parts two of them is three bytes long, whichever it is.
        if number > 0
            && let Some((name, value)) = part.split_once("%3D").or_else(|| part.split_once("%3d"))
        {
            add(name, value, at + name.len() + 3);
        }
        at += part.len() + 3;
    }
}

/// Private keys as PEM has them, from their first line to their last.
fn private_keys(text: &[u8], spots: &mut Vec<Spot>) {
    const LONGEST: usize = 32 * 1024;
    let mut from = 0;
    while let Some(start) = memmem::find(&text[from..], b"-----BEGIN ").map(|at| at + from) {
        from = start + 1;
        let window = &text[start..text.len().min(start + LONGEST)];
        let Some(title) = memmem::find(&window[..window.len().min(80)], b"PRIVATE KEY") else { continue };
        let Some(last) = memmem::find(&window[title..], b"-----END ").map(|at| at + title) else {
            // No other one that begins here ends here.
            from = start + window.len();
            continue;
        };
        let Some(end) = memmem::find(&window[last + 9..], b"-----").map(|at| at + last + 14) else {
            from = start + window.len();
            continue;
        };
        if let Ok(value) = std::str::from_utf8(&window[..end]) {
            spots.push(Spot::plain(start..start + end, value, "private_key"));
        }
        from = start + end;
    }
}

/// Credentials that a text without a syntax of its own gives a name: `token = "abc123def"`.
pub(super) fn assigned(text: &[u8], from: From, spots: &mut Vec<Spot>) {
    let Some(assignment) = &*ASSIGNMENT else { return };
    for found in assignment.captures_iter(text) {
        let (Some(name), Some(value)) = (found.name("name"), found.name("value")) else { continue };
        let (Ok(name), Ok(raw)) = (std::str::from_utf8(name.as_bytes()), std::str::from_utf8(value.as_bytes())) else {
            continue;
        };
        if naming(name) == Naming::Surely && is_drawn(raw) && is_credential(name, raw, from) {
            spots.push(Spot::plain(value.range(), raw, name));
        }
    }
}

/// Whether a value looks drawn by lot, as session ids and nonces are: no word, no number, no uuid.
pub(super) fn is_drawn(value: &str) -> bool {
    const SHORTEST: usize = 8;
    value.len() >= SHORTEST
        && !value.contains("://")
        && !value.starts_with('/')
        && !is_uuid(value)
        && is_distinctive(value)
}

/// Shorter values are ids as well as tokens.
pub(super) const LONG: usize = 28;

/// Whether a value is a long random token: nothing else is as long, of one piece, and of all kinds of characters.
pub(super) fn is_long_token(value: &str) -> bool {
    const LENGTHS: std::ops::RangeInclusive<usize> = LONG..=512;
    let bytes = value.as_bytes();
    let any = |kind: fn(&u8) -> bool| bytes.iter().any(kind);
    LENGTHS.contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_=~+".contains(b))
        && any(u8::is_ascii_uppercase)
        && any(u8::is_ascii_lowercase)
        && any(u8::is_ascii_digit)
        && entropy(bytes) >= MIXED
        && !value.split(['-', '_']).all(is_word)
        && !is_readable(value)
}

/// Bits a character, from which a text of 28 and more is random: English in camel case has about 3.7 in that length.
const MIXED: f64 = 3.9;

/// Whether a cookie's value of any name is a credential by its look.
pub(super) fn is_session_like(value: &str) -> bool {
    let hexadecimal = value.len() >= 32 && value.bytes().all(|b| b.is_ascii_hexdigit());
    is_long_token(value) || (hexadecimal && !value.bytes().all(|b| b.is_ascii_digit()))
}

/// Shannon's, in bits a byte.
#[expect(clippy::cast_precision_loss, reason = "counts of at most 512")]
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let length = bytes.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}

/// Words in camel case, with a number behind them perhaps.
fn is_word(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let vowel = |hump: &[u8]| hump.iter().any(|b| b"aeiouyAEIOUY".contains(b));
    letters.bytes().all(|b| b.is_ascii_alphabetic())
        && letters
            .as_bytes()
            .chunk_by(|one, other| !(one.is_ascii_lowercase() && other.is_ascii_uppercase()))
            .all(|hump| hump.len() > 1 && vowel(hump))
}

/// Base64 of something that a person could read: a cursor.
fn is_readable(value: &str) -> bool {
    let decoded = STANDARD_PAD_INDIFFERENT.decode(value).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(value));
    decoded.is_ok_and(|bytes| bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' '))
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let mut spots = Vec::new();
        anywhere(text.as_bytes(), From::Reply, &mut spots);
        let found: Vec<(&str, &str)> =
            spots.iter().map(|spot| (spot.name.as_str(), &text[spot.range.clone()])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn all_patterns_are_patterns() {
        assert!(QUERY.is_some() && ASSIGNMENT.is_some());
    }

    #[test]
    fn credentials_are_known_by_their_look() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
        check(&format!("<b>{jwt}</b>"), &[("jwt", jwt)]);
        check("key sk_live_4eC39HqLyjWDarjt", &[("key", "sk_live_4eC39HqLyjWDarjt")]);
        check("AKIAIOSFODNN7EXAMPLE", &[("key", "AKIAIOSFODNN7EXAMPLE")]);
        check("postgres://shop:s3cr3t%21@db/x", &[("password", "s3cr3t%21")]);
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        check(&format!("\"{pem}\""), &[("private_key", pem)]);
    }

    #[test]
    fn parameters_of_urls_are_known_by_their_names() {
        check("/a?x=1&access_token=abc&y=2", &[("access_token", "abc")]);
        check("<a href=\"/reset?token=t1k2&amp;password=p\">", &[("token", "t1k2"), ("password", "p")]);
        check("next=%2Fcb%3Ftoken%3Dabc9%26x%3D1&z=1", &[("token", "abc9")]);
        check("/posts?page=2&sort=token", &[]);
        check("/posts?cursor=eyJpZCI6N30&next_page_token=AbCdEf0123456789AbCdEf0123456789", &[]);
        check("http://a.test/x:y@z", &[]);
    }

    #[test]
    fn long_random_tokens_are_told_from_ids_hashes_and_words() {
        for token in ["V1StGXR8_Z5jdHi6B-myT4kQx9Lw2NcE", "4fzzzxjylrxMrjuZNBwRnDL8NkHg7QyKUcMt"] {
            assert!(is_long_token(token), "{token}");
        }
        for other in [
            "0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11",
            "3f786850e387550fdab836ed7e6dc881de23001b",
            "internationalization-and-Localization-2",
            "main.3f9c1a20.js",
            "eyJpZCI6NywiYWZ0ZXIiOiIyMDI2LTExLTI0In0=",
            "2026-11-24T16:24:25.123456789Z",
            "createdAtDescendingOrderOfPosts12",
        ] {
            assert!(!is_long_token(other), "{other}");
        }
    }

    #[test]
    fn what_looks_drawn_is_no_word_and_no_uuid() {
        for value in ["VykzkWP9a2", "deadbeef01", "s%3Aabc.d3f4"] {
            assert!(is_drawn(value), "{value}");
        }
        for value in ["published", "READY", "12", "0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11", "/next/a1b2c3d4e5"] {
            assert!(!is_drawn(value), "{value}");
        }
    }
}
