//! Character references: `&amp;`, `&#233;`, `&eacute;`.
//!
//! The names are HTML 4's for Latin-1 and those that pages write in URLs, names and values; others stay as written, alike
//! for both builds.

use std::borrow::Cow;

/// Latin-1's names from U+00A0 on, in code point order.
const LATIN1: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 \
    acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig \
    Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave \
    Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// The other names; HTML knows them only with their semicolon.
const OTHERS: [(&str, char); 36] = [
    ("apos", '\''),
    ("sol", '/'),
    ("quest", '?'),
    ("equals", '='),
    ("num", '#'),
    ("colon", ':'),
    ("semi", ';'),
    ("comma", ','),
    ("period", '.'),
    ("lowbar", '_'),
    ("plus", '+'),
    ("percnt", '%'),
    ("commat", '@'),
    ("lpar", '('),
    ("rpar", ')'),
    ("lsqb", '['),
    ("rsqb", ']'),
    ("lcub", '{'),
    ("rcub", '}'),
    ("bsol", '\\'),
    ("excl", '!'),
    ("dollar", '$'),
    ("ast", '*'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("ldquo", '\u{201c}'),
    ("rdquo", '\u{201d}'),
    ("bull", '\u{2022}'),
    ("hellip", '\u{2026}'),
    ("euro", '\u{20ac}'),
    ("larr", '\u{2190}'),
    ("rarr", '\u{2192}'),
];

/// The longest name, in bytes; a `&` without one in reach is itself.
const LONGEST: usize = 8;

/// Text with its references decoded.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    decoded(text, false)
}

/// An attribute's value with its references decoded: `?a=1&copy=2` has none.
pub(super) fn decode_attribute(value: &str) -> Cow<'_, str> {
    decoded(value, true)
}

fn decoded(text: &str, in_attribute: bool) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match reference(rest, in_attribute) {
            Some((character, length)) => {
                out.push(character);
                rest = &rest[length..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that the reference after a `&` stands for, and the reference's length.
fn reference(rest: &str, in_attribute: bool) -> Option<(char, usize)> {
    if let Some(number) = rest.strip_prefix('#') {
        return numeric(number).map(|(character, length)| (character, length + 1));
    }
    let length = rest.bytes().take(LONGEST).take_while(u8::is_ascii_alphanumeric).count();
    if rest[length..].starts_with(';') {
        let character = old(&rest[..length])
            .or_else(|| OTHERS.iter().find(|(name, _)| *name == &rest[..length]).map(|(_, character)| *character))?;
        return Some((character, length + 1));
    }
    // The oldest names count without a semicolon too, the longest first.
    let (character, length) = (2..=length).rev().find_map(|length| Some((old(&rest[..length])?, length)))?;
    let next = rest[length..].bytes().next();
    let part_of_a_word = next.is_some_and(|byte| byte == b'=' || byte.is_ascii_alphanumeric());
    (!in_attribute || !part_of_a_word).then_some((character, length))
}

/// `233;` or `xe9;`, its semicolon missing perhaps.
fn numeric(number: &str) -> Option<(char, usize)> {
    let (digits, radix, before) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (number, 10, 0),
    };
    let length = digits.bytes().take_while(|&byte| char::from(byte).is_digit(radix)).count();
    if length == 0 {
        return None;
    }
    let character = u32::from_str_radix(&digits[..length], radix)
        .ok()
        .filter(|&code| code != 0)
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let semicolon = usize::from(digits[length..].starts_with(';'));
    Some((character, before + length + semicolon))
}

fn old(name: &str) -> Option<char> {
    match name {
        "amp" | "AMP" => Some('&'),
        "lt" | "LT" => Some('<'),
        "gt" | "GT" => Some('>'),
        "quot" | "QUOT" => Some('"'),
        _ => {
            let position = LATIN1.split_ascii_whitespace().position(|known| known == name)?;
            char::from_u32(0xa0 + u32::try_from(position).ok()?)
        }
    }
}
