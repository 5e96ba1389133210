//! Tells values that can't be met by chance from words and small numbers.
//!
//! A distinctive value that stands in a call and in an earlier reply was taken from there, whatever the two places are
//! called. Of all others (page numbers, enum words, dates, titles) only the names of the places can say so.

use crate::model::secret::has_placeholder;

/// Shorter values are met by chance.
const LEAST: usize = 6;
/// As many digits make an identifier or a fine timestamp; numbers of things, prices and dates have fewer.
const MANY_DIGITS: usize = 10;
/// No word of one case and without a break is as long.
const LONG_RUN: usize = 24;

/// Whether a value is long enough and of enough variety that it can't be met by chance.
pub(in crate::traffic) fn is_distinctive(value: &str) -> bool {
    // What stands for a credential is as rare as the credential.
    has_placeholder(value) || looks_drawn(value)
}

fn looks_drawn(value: &str) -> bool {
    value.chars().count() >= LEAST
        && !value.contains(char::is_whitespace)
        && !is_coarse_time(value)
        && value.split(|c: char| !c.is_alphanumeric()).any(is_random)
}

/// Whether a run of letters and digits looks drawn and not worded.
fn is_random(run: &str) -> bool {
    let length = run.chars().count();
    let digits = run.chars().filter(char::is_ascii_digit).count();
    if digits == length {
        return digits >= MANY_DIGITS;
    }
    if digits > 0 {
        let kinds: Vec<bool> = run.chars().map(|c| c.is_ascii_digit()).collect();
        let changes = kinds.windows(2).filter(|two| two[0] != two[1]).count();
        // One change is a word and its number: `book12`, `utf8`, `FP32`.
        return (changes >= 2 && length >= 4) || (changes == 1 && length >= 8);
    }
    if !run.is_ascii() {
        return false;
    }
    length >= LONG_RUN || (length >= LEAST && !humps(run).all(is_wordlike))
}

/// `createdAt` in `created` and `At`; a run of capitals belongs to what follows it.
fn humps(run: &str) -> impl Iterator<Item = &str> {
    let bytes = run.as_bytes();
    let mut from = 0;
    let mut ends: Vec<usize> =
        (1..bytes.len()).filter(|at| bytes[at - 1].is_ascii_lowercase() && bytes[*at].is_ascii_uppercase()).collect();
    ends.push(bytes.len());
    ends.into_iter().map(move |end| {
        let hump = &run[from..end];
        from = end;
        hump
    })
}

fn is_wordlike(hump: &str) -> bool {
    let has = |letters: &[u8]| hump.bytes().any(|b| letters.contains(&b.to_ascii_lowercase()));
    // `y` is a vowel of short words only: `sync`, `by`.
    hump.len() >= 2
        && (has(b"aeiou") || (hump.len() <= 4 && (has(b"y") || hump.bytes().all(|b| b.is_ascii_uppercase()))))
}

/// Dates, and timestamps of whole seconds: calendars hold them as well.
fn is_coarse_time(value: &str) -> bool {
    let bytes = value.as_bytes();
    let date = bytes.len() >= 10
        && bytes[..10]
            .iter()
            .enumerate()
            .all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() });
    date && !value.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_tokens_are_distinctive() {
        for value in [
            "VykzkWP",
            "d2LQIDxtJvA",
            "3c772e94-c955-4cb8-9526-4e2210000000",
            "eyJpZCI6N30=",
            "W/\"2-vyGp6PvFo4RvsFtPoIWeCReyIC8\"",
            "deadbeef01",
            "1732371234567",
            "2026-11-23T14:27:35.309915Z",
            "schlüssel-8f3a2b",
            "kzjwqp",
            "ord_4f9a",
            "{secret:sid#1}",
        ] {
            assert!(is_distinctive(value), "{value}");
        }
    }

    #[test]
    fn words_numbers_and_dates_are_not() {
        for value in [
            "",
            "2",
            "10",
            "true",
            "published",
            "application/json",
            "text/html; charset=utf-8",
            "2020-01-01",
            "2026-11-23T00:00:00Z",
            "createdAt",
            "author_id",
            "Book 12",
            "Book12",
            "utf-8",
            "FP32",
            "call-7",
            "hello world",
            "größenordnung",
            "250000",
            "127.0.0.1",
            "1.0.0-beta.15",
            "READY",
            "internationalization",
            "http://a.test/posts",
            "max-age=3600",
        ] {
            assert!(!is_distinctive(value), "{value}");
        }
    }
}
