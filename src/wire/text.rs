//! Charsets: bytes to text. UTF-8, Latin-1 and UTF-16 with its mark are read; bytes of any other charset stay bytes, which
//! loses nothing.

use std::borrow::Cow;

/// What a `charset` parameter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// UTF-8 or, where a byte order mark says so, UTF-16.
    Unicode,
    /// ISO 8859-1: a character a byte. Windows-1252 is read so too: other glyphs, but equal bytes stay equal.
    Latin1,
    /// None that is known here.
    Other,
}

impl Charset {
    /// The charset of that name; UTF-8 where none is named.
    pub fn named(name: Option<&str>) -> Self {
        match name.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "utf-8" | "utf8" | "us-ascii" | "ascii" | "utf-16" | "unicode") => Self::Unicode,
            Some("iso-8859-1" | "iso8859-1" | "latin1" | "latin-1" | "windows-1252" | "cp1252") => Self::Latin1,
            Some(_) => Self::Other,
        }
    }

    /// The text, where the bytes are some in this charset.
    pub fn read(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Unicode => unicode(bytes),
            Self::Latin1 => Some(latin1(bytes)),
            Self::Other => None,
        }
    }
}

/// UTF-8, or UTF-16 by its mark; marks are taken off.
pub(super) fn unicode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok().map(Cow::Borrowed),
    }
}

/// A character a byte.
pub(super) fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Cow::Borrowed(text),
        _ => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>().ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(charset: Option<&str>, bytes: &[u8], expected: Option<&str>) {
        assert_eq!(Charset::named(charset).read(bytes).as_deref(), expected, "{charset:?} {bytes:?}");
    }

    #[test]
    fn text_is_read_by_its_charset_or_its_mark() {
        check(None, "é".as_bytes(), Some("é"));
        check(Some("UTF-8"), b"\xef\xbb\xbfa", Some("a"));
        check(Some("ISO-8859-1"), b"\xe9", Some("é"));
        check(Some("latin1"), "é".as_bytes(), Some("Ã©"));
        check(None, b"\xff\xfea\0", Some("a"));
        check(Some("utf-16"), b"\xfe\xff\0a", Some("a"));
    }

    #[test]
    fn what_is_no_text_stays_bytes() {
        check(None, b"\xe9", None);
        check(None, b"\xff\xfea", None);
        check(None, b"\xff\xfe\0\xd8", None);
        check(Some("shift_jis"), b"a", None);
    }
}
