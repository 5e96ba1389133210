//! The file's bytes to text: byte-order marks, UTF-16, and what is no text at all.

use std::borrow::Cow;

/// Whether the bytes begin with UTF-16's byte-order mark.
pub(super) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// The bytes as text, without a byte-order mark.
pub(super) fn decode<'a>(bytes: &'a [u8], notes: &mut Vec<String>) -> Cow<'a, str> {
    if is_utf16(bytes) {
        let big = bytes[0] == 0xfe;
        let units = bytes[2..]
            .chunks_exact(2)
            .map(|two| if big { u16::from_be_bytes([two[0], two[1]]) } else { u16::from_le_bytes([two[0], two[1]]) });
        return char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    if let Cow::Owned(_) = text {
        notes.push("the file is not UTF-8 throughout: what can't be read stands as U+FFFD".to_owned());
    }
    text
}

/// The text with `\ud800` and its like, where they stand alone, as `\ufffd`; `None` where there are none. Browsers
/// write them for bodies that are no text.
pub(super) fn without_lone_surrogates(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let unit = |at: usize| -> Option<u16> {
        let hex = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
    };
    let mut mended = String::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(skip) = memchr::memchr(b'\\', &bytes[at..]) {
        at += skip;
        match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                mended.push_str(&text[from..at]);
                mended.push_str("\\ufffd");
                at += 6;
                from = at;
            }
            // An escaped backslash begins no escape of its own.
            _ => at = (at + 2).min(bytes.len()),
        }
    }
    if from == 0 {
        return None;
    }
    mended.push_str(&text[from..]);
    Some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lone_surrogates_are_mended() {
        for (text, mended) in [
            (r#""\ud83d\ude00""#, None),
            (r#""\ud83d""#, Some(r#""\ufffd""#)),
            (r#""\\ud83d""#, None),
            (r#""\ude00 ü \ud83d\ude00""#, Some(r#""\ufffd ü \ud83d\ude00""#)),
            ("\\", None),
        ] {
            assert_eq!(without_lone_surrogates(text).as_deref(), mended, "{text}");
        }
    }
}
