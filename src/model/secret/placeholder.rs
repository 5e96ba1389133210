//! `{secret:NAME#n}`: what stands for a credential in a recording.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// How every placeholder begins.
const OPENING: &[u8] = b"{secret:";
/// Looks for it: every text of every call and reply is asked.
static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(OPENING));
/// What ends the name of a secret that was written as a number, and not as text.
const NUMBER: &str = ".number";
/// No name is longer.
const LONGEST_NAME: usize = 200;

/// A placeholder in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder<'t> {
    /// Where it stands, braces and all.
    pub range: Range<usize>,
    /// The secret's name.
    pub name: &'t str,
    /// Which of the secrets of that name, from 1.
    pub number: u32,
    /// JSON had a number here, and no string.
    pub as_number: bool,
}

impl Placeholder<'_> {
    /// What the secret is called in a manifest: `password#1`.
    pub fn key(&self) -> String {
        format!("{}#{}", self.name, self.number)
    }
}

/// A placeholder's text.
pub(super) fn written(name: &str, number: u32, as_number: bool) -> String {
    format!("{{secret:{name}{}#{number}}}", if as_number { NUMBER } else { "" })
}

impl std::fmt::Display for Placeholder<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&written(self.name, self.number, self.as_number))
    }
}

/// The placeholder that begins at `at`, where one does.
pub fn placeholder_at(text: &[u8], at: usize) -> Option<Placeholder<'_>> {
    let inside = text.get(at..)?.strip_prefix(OPENING)?;
    let length = memchr::memchr(b'}', &inside[..inside.len().min(LONGEST_NAME)])?;
    let inside = std::str::from_utf8(&inside[..length]).ok()?;
    let (name, number) = inside.rsplit_once('#')?;
    let (name, as_number) = name.strip_suffix(NUMBER).map_or((name, false), |name| (name, true));
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
    if !named || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let range = at..at + OPENING.len() + length + 1;
    Some(Placeholder { range, name, number: number.parse().ok()?, as_number })
}

/// All placeholders of a text, in their order.
pub fn placeholders(text: &[u8]) -> impl Iterator<Item = Placeholder<'_>> {
    FINDER.find_iter(text).filter_map(|at| placeholder_at(text, at))
}

/// Whether a placeholder stands in a text.
pub fn has_placeholder(text: &str) -> bool {
    placeholders(text.as_bytes()).next().is_some()
}

/// The key of the placeholder that a text is, where it is one and nothing else.
pub fn whole(text: &str) -> Option<String> {
    placeholder_at(text.as_bytes(), 0).filter(|found| found.range.len() == text.len()).map(|found| found.key())
}

/// What stands in `live` where `recorded` has placeholders, by their keys; none where the two differ anywhere else, or
/// `recorded` has none.
pub fn captured<'t>(recorded: &str, live: &'t str) -> Option<Vec<(String, &'t str)>> {
    let mut found: Vec<(String, &str)> = Vec::new();
    let mut open: Option<String> = None;
    let (mut from, mut rest) = (0, live);
    for placeholder in placeholders(recorded.as_bytes()) {
        let before = recorded.get(from..placeholder.range.start)?;
        rest = match open.take() {
            None => rest.strip_prefix(before)?,
            // Two in a row can't be told apart.
            Some(_) if before.is_empty() => return None,
            Some(key) => {
                let (value, after) = rest.split_once(before)?;
                found.push((key, value));
                after
            }
        };
        from = placeholder.range.end;
        open = Some(placeholder.key());
    }
    let key = open?;
    let end = recorded.get(from..)?;
    found.push((key, rest.strip_suffix(end)?));
    found.iter().all(|(_, value)| !value.is_empty()).then_some(found)
}

/// Where a URL's fragment begins, which is not the `#` of a placeholder.
pub fn fragment(url: &str) -> Option<usize> {
    let mut signs = memchr::memchr_iter(b'#', url.as_bytes()).peekable();
    signs.peek()?;
    let held: Vec<Range<usize>> = placeholders(url.as_bytes()).map(|placeholder| placeholder.range).collect();
    signs.find(|at| !held.iter().any(|range| range.contains(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = placeholders(text.as_bytes()).map(|found| found.to_string()).collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(has_placeholder(text), !expected.is_empty(), "{text}");
    }

    #[test]
    fn placeholders_are_found_where_they_are_whole() {
        check("sid={secret:sid#1}; b={secret:x-api-key#12}", &["{secret:sid#1}", "{secret:x-api-key#12}"]);
        check("{secret:otp.number#1}", &["{secret:otp.number#1}"]);
        check("{secret:}&or={secret:a#b}&or={secret:a#1", &[]);
        check("{secret:a b#1}{secret:#1}{secret:a#99999999999}{secret:a#}", &[]);
        check("{secret:{secret:a#1}", &["{secret:a#1}"]);
    }

    #[test]
    fn what_stands_at_placeholders_is_captured_where_all_else_is_the_same() {
        let capture = |recorded: &str, live: &str| {
            captured(recorded, live)
                .map(|all| all.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>())
        };
        let some = |all: &[&str]| Some(all.iter().map(|&one| one.to_owned()).collect::<Vec<String>>());
        assert_eq!(capture("{secret:a#1}", "x"), some(&["a#1=x"]));
        assert_eq!(capture("/r?t={secret:a#1}&u={secret:b#1}#e", "/r?t=x&u=y#e"), some(&["a#1=x", "b#1=y"]));
        assert_eq!(capture("/r?t={secret:a#1}", "/s?t=x"), None);
        assert_eq!(capture("{secret:a#1}{secret:b#1}", "xy"), None);
        assert_eq!(capture("{secret:a#1}", ""), None);
        assert_eq!(capture("x", "x"), None);
        assert_eq!((whole("{secret:a#1}"), whole("{secret:a#1}x")), (Some("a#1".to_owned()), None));
    }

    #[test]
    fn the_sign_of_a_placeholder_begins_no_fragment() {
        for (url, expected) in [
            ("/a?t={secret:t#1}", None),
            ("/a?t={secret:t#1}#top", Some(17)),
            ("/a#b{secret:t#1}", Some(2)),
            ("/a", None),
        ] {
            assert_eq!(fragment(url), expected, "{url}");
        }
    }

    #[test]
    fn a_secret_is_called_by_its_name_and_number() {
        let found = placeholder_at(b"{secret:otp.number#2}", 0).map(|found| (found.key(), found.as_number));
        assert_eq!(found, Some(("otp#2".to_owned(), true)));
    }
}
