//! Credentials in pages and XML: values of form fields, `meta` elements, attributes and elements by their names.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::shapes::is_drawn;
use super::spots::{From, Spot, is_credential, naming};
use crate::model::secret::Naming;

/// Elements that give a value a name.
const TAGS: &str = r"(?i)<(?P<tag>input|meta|button)[\s/]";
/// `<Password>text</Password>`.
const ELEMENTS: &str = r"<(?P<name>[A-Za-z_][A-Za-z0-9_:.-]*)(?:\s[^<>]*)?>(?P<value>[^<>]+)</";
/// `data-csrf-token="text"`, on any element.
const DATA: &str = r#"\s(?P<name>data-[A-Za-z0-9_-]+)\s*=\s*["'](?P<value>[^"'<>]+)["']"#;
/// No tag is longer: what does not end within as many bytes is none.
const LONGEST_TAG: usize = 32 * 1024;

static TAG: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(TAGS).ok());
static ELEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ELEMENTS).ok());
static DATUM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(DATA).ok());

/// The credentials of a page.
pub(super) fn page(text: &str, from: From, spots: &mut Vec<Spot>) {
    let mut at = 0;
    while let Some(found) = TAG.as_ref().and_then(|tag| tag.captures_at(text, at)) {
        let (Some(whole), Some(tag)) = (found.get(0), found.name("tag")) else { break };
        let (attributes, end) = attributes(text, tag.end());
        at = end.max(whole.end());
        spots.extend(field(text, tag.as_str().eq_ignore_ascii_case("meta"), &attributes, from));
    }
    named_by(&DATUM, text, from, spots);
}

/// The credential that one element holds.
fn field(text: &str, is_meta: bool, attributes: &[Attribute], from: From) -> Option<Spot> {
    let get = |name: &str| {
        let found = attributes.iter().find(|(n, _)| text[n.clone()].eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    };
    let text_of = |name: &str| get(name).map(|range| &text[range]).unwrap_or_default();
    let value = get(if is_meta { "content" } else { "value" })?;
    let password = text_of("type").eq_ignore_ascii_case("password");
    let names = [text_of("name"), text_of("property"), text_of("id")];
    let name = if password { "password" } else { names.into_iter().find(|name| !name.is_empty())? };
    let hidden = text_of("type").eq_ignore_ascii_case("hidden");
    let decoded = decode(&text[value.clone()]);
    // Fields that people fill in hold words; what a page hides in one for its server may let in.
    let sure = naming(name) == Naming::Surely && (!is_meta || is_drawn(&decoded));
    let credential = is_credential(name, &decoded, from) && (sure || hidden || is_meta);
    credential.then(|| Spot::plain(value, decoded, name))
}

/// The credentials of XML.
pub(super) fn xml(text: &str, from: From, spots: &mut Vec<Spot>) {
    named_by(&ELEMENT, text, from, spots);
}

fn named_by(pattern: &LazyLock<Option<Regex>>, text: &str, from: From, spots: &mut Vec<Spot>) {
    for found in pattern.iter().flat_map(|pattern| pattern.captures_iter(text)) {
        let (Some(name), Some(value)) = (found.name("name"), found.name("value")) else { continue };
        let decoded = decode(value.as_str());
        let local = name.as_str().rsplit(':').next().unwrap_or_default();
        if naming(local) == Naming::Surely && is_credential(local, &decoded, from) {
            spots.push(Spot::plain(value.range(), decoded, local));
        }
    }
}

/// Where an attribute's name stands, and its value.
type Attribute = (Range<usize>, Range<usize>);

/// The attributes from there to the tag's end, and where that is.
fn attributes(text: &str, from: usize) -> (Vec<Attribute>, usize) {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(from + LONGEST_TAG);
    let skip = |mut at: usize, what: fn(u8) -> bool| {
        while at < limit && what(bytes[at]) {
            at += 1;
        }
        at
    };
    let mut all = Vec::new();
    let mut at = from;
    loop {
        at = skip(at, |b| b.is_ascii_whitespace() || b == b'/');
        if at >= limit || bytes[at] == b'>' {
            return (all, at);
        }
        let name = at..skip(at + 1, |b| !b.is_ascii_whitespace() && !b"=>/".contains(&b));
        at = skip(name.end, |b| b.is_ascii_whitespace());
        if at >= limit || bytes[at] != b'=' {
            continue;
        }
        at = skip(at + 1, |b| b.is_ascii_whitespace());
        let value = match bytes.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let Some(length) = memchr::memchr(*quote, &bytes[at + 1..limit]) else { return (Vec::new(), limit) };
                at + 1..at + 1 + length
            }
            _ => at..skip(at, |b| !b.is_ascii_whitespace() && b != b'>'),
        };
        at = value.end + usize::from(bytes.get(value.end).is_some_and(|b| matches!(b, b'"' | b'\'')));
        if text.is_char_boundary(name.end) && text.is_char_boundary(name.start) && text.is_char_boundary(value.end) {
            all.push((name, value));
        }
    }
}

/// The five entities that every page knows of, and the numbers that frameworks write for others.
const ENTITIES: [(&str, &str); 12] = [
    ("&quot;", "\""),
    ("&#34;", "\""),
    ("&#39;", "'"),
    ("&#x27;", "'"),
    ("&apos;", "'"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&#43;", "+"),
    ("&#x2B;", "+"),
    ("&#x2F;", "/"),
    ("&#61;", "="),
    ("&amp;", "&"),
];

/// The text with these entities decoded.
fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('&') {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(ENTITIES.iter().fold(raw.to_owned(), |text, (entity, plain)| text.replace(entity, plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(read: fn(&str, From, &mut Vec<Spot>), text: &str, expected: &[(&str, &str)]) {
        let mut found = Vec::new();
        read(text, From::Reply, &mut found);
        let found: Vec<(&str, &str)> = found.iter().map(|spot| (spot.name.as_str(), spot.value.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn fields_and_metas_of_pages_are_found() {
        check(page, r#"<input type="hidden" name="csrf_token" value="a1b2">"#, &[("csrf_token", "a1b2")]);
        check(page, "<input value='hunter2' type=password name=pw2>", &[("password", "hunter2")]);
        check(page, r#"<meta name="csrf-token" content="a&#43;b1c2d3e4">"#, &[("csrf-token", "a+b1c2d3e4")]);
        check(
            page,
            r#"<input type=hidden name=authenticity_token value="x/&quot;1" >"#,
            &[("authenticity_token", "x/\"1")],
        );
        check(page, r#"<div data-csrf-token="abc1">"#, &[("data-csrf-token", "abc1")]);
        check(xml, "<s:Password Type=\"x\">hunter2</s:Password>", &[("Password", "hunter2")]);
    }

    #[test]
    fn other_fields_stay() {
        check(
            page,
            r#"<input name="q" value="token"><input type=hidden name="page" value="2"><meta name="viewport" content="width=1">"#,
            &[],
        );
        check(page, r#"<script integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6" src="main.3f9c1a20.js"></script>"#, &[]);
        check(page, r#"<input type="password" name="password" placeholder="Password">"#, &[]);
        check(page, r#"<input type="text" name="session" value="morning-1a2b3c4d">"#, &[]);
    }
}
