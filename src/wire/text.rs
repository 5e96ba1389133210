//! Charsets: bytes to text, in the names and the manner of the WHATWG Encoding Standard.
//!
//! A byte order mark speaks first, then what the header says, then what stands in the page or the XML declaration itself,
//! then UTF-8. All text becomes UTF-8 without a mark, so that nothing further on needs to know what it was.

use std::borrow::Cow;

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far into a page its charset is looked for, in bytes (HTML, 13.2.3.2).
const PRESCAN: usize = 1024;

/// Text as UTF-8 without a mark, or why it can't be read.
///
/// `lenient` is for recordings, which often hold text that is decoded already beside a header that says otherwise: bytes
/// that are plainly UTF-8 are taken so.
pub(super) fn utf8(charset: Option<&str>, bytes: &Bytes, lenient: bool) -> Result<Bytes, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decoded(encoding, &bytes.slice(mark..)).ok_or_else(|| unreadable(charset, encoding));
    }
    if lenient && is_plainly_utf8(bytes) {
        return Ok(bytes.clone());
    }
    match charset.map(str::trim).filter(|charset| !charset.is_empty()) {
        None => decoded(UTF_8, bytes).ok_or_else(|| "text that is not UTF-8".to_owned()),
        Some(name) => match named(name) {
            // Who says ASCII and sends more sends UTF-8 nearly always.
            Some(_) if is_ascii_by_name(name) && is_plainly_utf8(bytes) => Ok(bytes.clone()),
            Some(encoding) => decoded(encoding, bytes).ok_or_else(|| unreadable(charset, encoding)),
            None if bytes.is_ascii() && is_plainly_utf8(bytes) => Ok(bytes.clone()),
            None => Err(format!("text in charset `{}` that is not known", name.escape_debug())),
        },
    }
}

/// JSON as UTF-8 without a mark. JSON is UTF-8; some write UTF-16 or the charset of their header, and are understood.
/// What is none of these stays as it is.
pub(super) fn json(charset: Option<&str>, bytes: &Bytes) -> Bytes {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decoded(encoding, &bytes.slice(mark..)).unwrap_or_else(|| bytes.clone());
    }
    let wide = match bytes[..] {
        [0, low, ..] if low != 0 => Some(UTF_16BE),
        [high, 0, ..] if high != 0 => Some(UTF_16LE),
        _ => None,
    };
    if wide.is_none() && str::from_utf8(bytes).is_ok() {
        return bytes.clone();
    }
    let encoding = wide.or_else(|| charset.and_then(named)).filter(|encoding| *encoding != UTF_8);
    encoding.and_then(|encoding| decoded(encoding, bytes)).unwrap_or_else(|| bytes.clone())
}

/// A page as UTF-8. A page can always be read: browsers put a sign in place of what they can't.
pub(super) fn page(charset: Option<&str>, bytes: &Bytes, lenient: bool) -> Bytes {
    if lenient && is_plainly_utf8(bytes) {
        return bytes.clone();
    }
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or_else(|| {
        let said = charset.and_then(named).or_else(|| in_page(bytes));
        let likely = if str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
        (said.unwrap_or(likely), 0)
    });
    lossy(encoding, &bytes.slice(mark..))
}

/// The charset that XML's declaration names: `<?xml version="1.0" encoding="ISO-8859-1"?>`.
pub(super) fn in_xml(bytes: &[u8]) -> Option<&str> {
    let head = &bytes[..bytes.len().min(PRESCAN)];
    let declaration = head.strip_prefix(b"<?xml")?;
    let declaration = str::from_utf8(&declaration[..memchr::memmem::find(declaration, b"?>")?]).ok()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(name, _)| name)
}

/// The text of a payload that could be read: it is UTF-8 by now.
pub(super) fn unicode(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// A character a byte.
pub(super) fn latin1(bytes: &[u8]) -> Cow<'_, str> {
    encoding_rs::mem::decode_latin1(bytes)
}

/// The charset of that name, in any of its spellings.
fn named(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(name.as_bytes())
}

fn is_ascii_by_name(name: &str) -> bool {
    ["ascii", "us-ascii"].iter().any(|ascii| name.eq_ignore_ascii_case(ascii))
}

/// Whether the bytes are UTF-8, and no text of a charset that can look like it: UTF-16 has NULs, ISO-2022 has escapes.
fn is_plainly_utf8(bytes: &[u8]) -> bool {
    memchr::memchr2(0, 0x1b, bytes).is_none() && str::from_utf8(bytes).is_ok()
}

/// `<meta charset=x>` or `<meta http-equiv=… content="text/html; charset=x">`: the first `charset=` of a `meta`.
fn in_page(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = latin1(&bytes[..bytes.len().min(PRESCAN)]).to_ascii_lowercase();
    let name = head.split("<meta").skip(1).find_map(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        let value = tag.split_once("charset")?.1.trim_start().strip_prefix('=')?.trim_start();
        let value = value.trim_start_matches(['"', '\'']);
        value.split(['"', '\'', ';', ' ', '/']).next().filter(|name| !name.is_empty())
    });
    let encoding = named(name.or_else(|| in_xml(bytes))?)?;
    // Whoever could read that name reads bytes that are no UTF-16 (HTML, 13.2.3.2).
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

fn decoded(encoding: &'static Encoding, bytes: &Bytes) -> Option<Bytes> {
    if encoding == UTF_8 {
        return str::from_utf8(bytes).is_ok().then(|| bytes.clone());
    }
    if (encoding == UTF_16LE || encoding == UTF_16BE) && !bytes.len().is_multiple_of(2) {
        return None;
    }
    match encoding.decode_without_bom_handling_and_without_replacement(bytes)? {
        Cow::Borrowed(_) => Some(bytes.clone()),
        Cow::Owned(text) => Some(text.into()),
    }
}

fn lossy(encoding: &'static Encoding, bytes: &Bytes) -> Bytes {
    match encoding.decode_without_bom_handling(bytes).0 {
        Cow::Borrowed(_) => bytes.clone(),
        Cow::Owned(text) => text.into(),
    }
}

fn unreadable(charset: Option<&str>, encoding: &'static Encoding) -> String {
    match charset {
        Some(charset) if !charset.is_empty() => {
            format!("text in charset `{}` that can't be read", charset.escape_debug())
        }
        _ => format!("text that is not {}", encoding.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(charset: Option<&str>, bytes: &[u8], expected: Result<&str, &str>) {
        let read = utf8(charset, &Bytes::copy_from_slice(bytes), false);
        let read = read.as_ref().map(|bytes| str::from_utf8(bytes).unwrap()).map_err(String::as_str);
        assert_eq!(read, expected, "{charset:?} {bytes:?}");
    }

    #[test]
    fn text_is_read_by_its_charset_or_its_mark() {
        check(None, "é".as_bytes(), Ok("é"));
        check(Some("UTF-8"), b"\xef\xbb\xbfa", Ok("a"));
        check(Some("ISO-8859-1"), b"\xe9", Ok("é"));
        check(Some("latin1"), "é".as_bytes(), Ok("Ã©"));
        check(Some("windows-1252"), b"\x80", Ok("€"));
        check(None, b"\xff\xfea\0", Ok("a"));
        check(Some("utf-16"), b"\xfe\xff\0a", Ok("a"));
        check(Some("utf-16be"), b"\0a", Ok("a"));
        check(Some("utf-16le"), b"a\0", Ok("a"));
        check(Some("koi8-r"), b"\xc1", Ok("а"));
        check(Some("Shift_JIS"), b"\x82\xa0", Ok("あ"));
        check(Some("gb18030"), b"\xc4\xe3", Ok("你"));
        check(Some("us-ascii"), "é".as_bytes(), Ok("é"));
        check(Some("x-unheard-of"), b"a", Ok("a"));
    }

    #[test]
    fn what_is_no_text_is_named() {
        check(None, b"\xe9", Err("text that is not UTF-8"));
        check(None, b"\xff\xfea", Err("text that is not UTF-16LE"));
        check(Some("utf-16"), b"\xff\xfe\0\xd8", Err("text in charset `utf-16` that can't be read"));
        check(Some("utf-8"), b"\xe9", Err("text in charset `utf-8` that can't be read"));
        check(Some("shift_jis"), b"\x82", Err("text in charset `shift_jis` that can't be read"));
        check(Some("x-unheard-of"), b"\xe9", Err("text in charset `x-unheard-of` that is not known"));
        check(Some("iso-2022-kr"), b"\xe9", Err("text in charset `iso-2022-kr` that is not known"));
    }

    #[test]
    fn a_recording_may_hold_text_that_is_decoded_already() {
        let read = |charset, bytes: &[u8]| utf8(Some(charset), &Bytes::copy_from_slice(bytes), true).unwrap();
        assert_eq!(read("iso-8859-1", "é".as_bytes()), "é");
        assert_eq!(read("iso-8859-1", b"\xe9"), "é");
        assert_eq!(read("utf-16le", b"a\0"), "a");
        assert_eq!(read("iso-2022-jp", b"\x1b$B$\"\x1b(B"), "あ");
    }

    fn check_json(charset: Option<&str>, bytes: &[u8], expected: &[u8]) {
        assert_eq!(json(charset, &Bytes::copy_from_slice(bytes)), expected, "{charset:?} {bytes:?}");
    }

    #[test]
    fn json_is_utf8_whatever_its_header_says_where_it_is() {
        check_json(Some("latin1"), "\"é\"".as_bytes(), "\"é\"".as_bytes());
        check_json(Some("latin1"), b"\"\xe9\"", "\"é\"".as_bytes());
        check_json(None, b"\"\xe9\"", b"\"\xe9\"");
        check_json(None, b"\xff\xfe1\0", b"1");
        check_json(None, b"1\0", b"1");
        check_json(None, b"\0[\0]", b"[]");
        check_json(None, b"\xef\xbb\xbf1", b"1");
        check_json(None, b"", b"");
        check_json(None, b"\0", b"\0");
    }

    fn check_page(charset: Option<&str>, bytes: &[u8], expected: &str) {
        assert_eq!(page(charset, &Bytes::copy_from_slice(bytes), false), expected, "{bytes:?}");
    }

    #[test]
    fn a_page_says_its_charset_itself() {
        check_page(None, b"<meta charset=koi8-r>\xc1", "<meta charset=koi8-r>а");
        check_page(None, b"<META Charset = \"koi8-r\" />\xc1", "<META Charset = \"koi8-r\" />а");
        let equiv = "<meta http-equiv=content-type content='text/html; charset=koi8-r'>";
        check_page(None, &[equiv.as_bytes(), b"\xc1"].concat(), &format!("{equiv}а"));
        check_page(None, b"<?xml version='1.0' encoding='koi8-r'?>\xc1", "<?xml version='1.0' encoding='koi8-r'?>а");
        check_page(Some("latin1"), b"<meta charset=koi8-r>\xe9", "<meta charset=koi8-r>é");
        check_page(None, b"<meta charset=utf-16>a", "<meta charset=utf-16>a");
        check_page(None, b"\xe9", "é");
        check_page(Some("utf-8"), b"\xe9", "\u{fffd}");
        check_page(None, "é".as_bytes(), "é");
    }

    #[test]
    fn xml_says_its_charset_itself() {
        for (text, expected) in [
            ("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>", Some("ISO-8859-1")),
            ("<?xml version='1.0' encoding = 'koi8-r' standalone='yes'?>", Some("koi8-r")),
            ("<?xml version=\"1.0\"?><a encoding=\"x\"/>", None),
            ("<?xml encoding=\"x", None),
            ("<a/>", None),
        ] {
            assert_eq!(in_xml(text.as_bytes()), expected, "{text}");
        }
    }
}
