//! Ways into a text: taking out what a value is, and putting another in its place.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{
    GeneralPurpose, STANDARD, STANDARD_NO_PAD, STANDARD_PAD_INDIFFERENT, URL_SAFE, URL_SAFE_NO_PAD,
    URL_SAFE_PAD_INDIFFERENT,
};

use super::url::{self, Part};
use crate::model::{Within, origin_form};

/// What stands at the end of these ways; `None` where one of them leads nowhere.
pub(super) fn narrow(text: &str, ways: &[Within]) -> Option<String> {
    let Some((way, rest)) = ways.split_first() else { return Some(text.to_owned()) };
    narrow(&step(text, way)?.1, rest)
}

/// The text with `live` at the end of these ways, encoded as what stood there; `None` where one of them leads nowhere.
pub(super) fn replace(text: &str, ways: &[Within], live: &str) -> Option<String> {
    let Some((way, rest)) = ways.split_first() else { return Some(live.to_owned()) };
    let (range, inner) = step(text, way)?;
    let new = replace(&inner, rest, live)?;
    let raw = &text[range.clone()];
    let new = match way {
        Within::Segment(_) | Within::Percent => url::encode_like(raw, &new, Part::Segment),
        Within::Query(_) => url::encode_like(raw, &new, Part::Query),
        Within::Between(..) => new,
        Within::Base64 => engine_of(raw).encode(new),
    };
    Some(format!("{}{new}{}", &text[..range.start], &text[range.end..]))
}

/// Base64 with something readable in it; `None` for all else.
pub(super) fn from_base64(text: &str) -> Option<String> {
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || b"+/-_=".contains(&b);
    if text.len() < 4 || !text.bytes().all(alphabet) {
        return None;
    }
    let bytes = STANDARD_PAD_INDIFFERENT.decode(text).or_else(|_| URL_SAFE_PAD_INDIFFERENT.decode(text)).ok()?;
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty() && !text.contains(char::is_control))
}

/// One way: where it leads to, and what the text there says.
fn step(text: &str, way: &Within) -> Option<(Range<usize>, String)> {
    match way {
        Within::Segment(number) => {
            let (form, base) = form(text);
            let range = url::segments(form).into_iter().nth(*number)?;
            let value = url::decode(&form[range.clone()], false)?;
            Some((range.start + base..range.end + base, value))
        }
        Within::Query(name) => {
            let (form, base) = form(text);
            let (_, range) = url::query(form).into_iter().find(|(n, _)| n == name)?;
            let value = url::decode(&form[range.clone()], true)?;
            Some((range.start + base..range.end + base, value))
        }
        Within::Between(before, after) => {
            let range = between(text, before, after)?;
            Some((range.clone(), text[range].to_owned()))
        }
        Within::Base64 => Some((0..text.len(), from_base64(text)?)),
        Within::Percent => Some((0..text.len(), url::decode(text, false)?)),
    }
}

/// A URL's origin form and where it begins.
fn form(text: &str) -> (&str, usize) {
    let form = origin_form(text);
    // An origin without a path has a form of its own, which stands nowhere in the text.
    let base = if form == "/" && !text.ends_with('/') { text.len() } else { text.find(form).unwrap_or(0) };
    let base = if text.get(base..base + form.len()) == Some(form) { base } else { 0 };
    (&text[base..(base + form.len()).min(text.len())], base)
}

fn between(text: &str, before: &str, after: &str) -> Option<Range<usize>> {
    match (before, after) {
        ("", after) => text.ends_with(after).then(|| 0..text.len() - after.len()),
        (before, "") => text.starts_with(before).then_some(before.len()..text.len()),
        (before, after) => text.match_indices(after).find_map(|(end, _)| {
            let start = text[..end].rfind(before)? + before.len();
            Some(start..end)
        }),
    }
}

/// The base64 that a text is written in.
fn engine_of(text: &str) -> GeneralPurpose {
    let url_safe = text.contains(['-', '_']);
    // Without a remainder there is no telling; padding is what servers and browsers write by default.
    let padded = text.ends_with('=') || text.len().is_multiple_of(4);
    match (url_safe, padded) {
        (false, true) => STANDARD,
        (false, false) => STANDARD_NO_PAD,
        (true, true) => URL_SAFE,
        (true, false) => URL_SAFE_NO_PAD,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ways(text: &str) -> Vec<Within> {
        text.split(" | ").map(|way| way.parse().unwrap_or_else(|e| panic!("{e}"))).collect()
    }

    fn check(text: &str, by: &str, value: &str, live: &str, replaced: &str) {
        let ways = ways(by);
        assert_eq!(narrow(text, &ways).as_deref(), Some(value), "{by} of {text}");
        assert_eq!(replace(text, &ways, live).as_deref(), Some(replaced), "{by} of {text}");
        assert_eq!(replace(text, &ways, value).as_deref(), Some(text), "{by} of {text}");
    }

    #[test]
    fn what_is_taken_out_can_be_put_back() {
        check("Bearer abc", "between \"Bearer \" \"\"", "abc", "x", "Bearer x");
        check("7.json", "between \"\" \".json\"", "7", "8", "8.json");
        check(
            "<http://a.test/p?page=1>; rel=\"first\", </p?page=3>; rel=\"next\"",
            "between \"<\" \">; rel=\\\"next\\\"\" | query page",
            "3",
            "4",
            "<http://a.test/p?page=1>; rel=\"first\", </p?page=4>; rel=\"next\"",
        );
        check("http://a.test/orders/7?x=1", "path 1", "7", "ü", "http://a.test/orders/%C3%BC?x=1");
        check("/o?after=a%2Fb", "query after", "a/b", "c/d", "/o?after=c%2Fd");
        check(
            "Basic dTpzZWNyZXQ=",
            "between \"Basic \" \"\" | base64 | between \"u:\" \"\"",
            "secret",
            "token1",
            "Basic dTp0b2tlbjE=",
        );
        check("eyJpZCI6N30", "base64 | between \"{\\\"id\\\":\" \"}\"", "7", "8", "eyJpZCI6OH0");
        check("a%3Db", "percent", "a=b", "c=d", "c%3Dd");
    }

    #[test]
    fn a_way_that_leads_nowhere_is_none() {
        for (text, by) in [
            ("Token abc", "between \"Bearer \" \"\""),
            ("/a", "path 1"),
            ("/a?b=1", "query c"),
            ("no base64!", "base64"),
            ("http://a.test", "path 3"),
            ("", "between \"x\" \"y\""),
        ] {
            assert_eq!(narrow(text, &ways(by)), None, "{by} of {text}");
        }
    }
}
