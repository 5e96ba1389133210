//! The values of a call that may come from earlier replies, and their places.

use super::given::is_wide;
use super::resource::{before, resource};
use super::{names, url, within};
use crate::model::{At, Call, Document, Path, Place, Step, Within, origin_form};
use crate::wire;

/// As many values of one body are looked at; what a person or a page sends has far fewer.
const MOST: usize = 10_000;
/// Documents that nest deeper are not looked into any further.
const DEEPEST: usize = 128;

/// What a value in a call is by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Anything.
    Plain,
    /// An entity tag that is sent back.
    Etag,
    /// A `Last-Modified` that is sent back.
    Modified,
    /// A cookie.
    Cookie,
}

/// A value that may come from an earlier reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) place: Place,
    pub(super) value: String,
    pub(super) names: Vec<String>,
    pub(super) kind: Kind,
}

/// All places of a call. Each has several ways to be read, the plainest first, of which only one can be bound.
pub(super) fn places(call: &Call) -> Vec<Vec<Taken>> {
    let mut all = Vec::new();
    segments(call, &mut all);
    query(call, &mut all);
    headers(call, &mut all);
    body(call, &mut all);
    all.retain_mut(|ways: &mut Vec<Taken>| {
        ways.retain(|taken| !taken.value.is_empty());
        !ways.is_empty()
    });
    all
}

fn segments(call: &Call, all: &mut Vec<Vec<Taken>>) {
    for (number, range) in url::segments(&call.target).into_iter().enumerate() {
        let Some(value) = url::decode(&call.target[range], false) else { continue };
        let names = before(&call.target, number).map(|thing| {
            let mut names = names::of_field(&thing, None);
            names.push(names::of_thing(&thing));
            names
        });
        let names = names.unwrap_or_default();
        let at = At::Segment(number);
        let mut ways = vec![taken(at.clone(), vec![], value.clone(), &names, Kind::Plain)];
        for end in value.match_indices(['.', ':']).map(|(end, _)| end) {
            let way = Within::Between(String::new(), value[end..].to_owned());
            ways.push(taken(at.clone(), vec![way], value[..end].to_owned(), &names, Kind::Plain));
        }
        all.push(ways);
    }
}

fn query(call: &Call, all: &mut Vec<Vec<Taken>>) {
    let thing = resource(&call.target);
    let mut seen: Vec<String> = Vec::new();
    for (name, range) in url::query(&call.target) {
        let Some(value) = url::decode(&call.target[range], true) else { continue };
        let number = seen.iter().filter(|n| **n == name).count();
        let names = names::of_field(&name, thing.as_deref());
        all.push(ways_into(&At::Query(name.clone(), number), &value, &names));
        seen.push(name);
    }
}

fn headers(call: &Call, all: &mut Vec<Vec<Taken>>) {
    for (name, value) in call.metadata.iter() {
        let lower = name.to_ascii_lowercase();
        let at = At::Header(lower.clone());
        match lower.as_str() {
            "cookie" => cookies(value, all),
            "if-none-match" | "if-match" | "if-range" | "if-modified-since" | "if-unmodified-since" => {
                let dated = lower.ends_with("since") || (lower == "if-range" && !value.contains('"'));
                let kind = if dated { Kind::Modified } else { Kind::Etag };
                let etags = tags(value).filter(|_| kind == Kind::Etag && value.contains(','));
                for (range, tag) in etags.into_iter().flatten() {
                    let way = Within::Between(value[..range.start].to_owned(), value[range.end..].to_owned());
                    all.push(vec![taken(at.clone(), vec![way], tag, &[], kind)]);
                }
                all.push(vec![taken(at, vec![], value.to_owned(), &[], kind)]);
            }
            "authorization" => all.push(credentials(at, value)),
            _ if is_standard(&lower) => {}
            _ => all.push(ways_into(&at, value, &names::of_field(&lower, None))),
        }
    }
}

/// The entity tags of a list and where they stand.
fn tags(value: &str) -> Option<Vec<(std::ops::Range<usize>, String)>> {
    let mut from = 0;
    let mut tags = Vec::new();
    for part in value.split(',') {
        let start = from + part.len() - part.trim_start().len();
        let tag = part.trim();
        tags.push((start..start + tag.len(), tag.to_owned()));
        from += part.len() + 1;
    }
    (tags.len() > 1).then_some(tags)
}

fn cookies(header: &str, all: &mut Vec<Vec<Taken>>) {
    for (name, value) in header.split(';').filter_map(|pair| pair.trim().split_once('=')) {
        let at = At::Cookie(name.to_owned());
        all.push(vec![taken(at, vec![], value.to_owned(), &[name.to_owned()], Kind::Cookie)]);
    }
}

fn credentials(at: At, value: &str) -> Vec<Taken> {
    let names = ["token".to_owned()];
    let Some((scheme, rest)) = value.split_once(' ') else {
        return vec![taken(at, vec![], value.to_owned(), &names, Kind::Plain)];
    };
    let after = Within::Between(format!("{scheme} "), String::new());
    let mut ways = vec![taken(at.clone(), vec![after.clone()], rest.to_owned(), &names, Kind::Plain)];
    if let Some((user, password)) = within::from_base64(rest).as_deref().and_then(|plain| plain.split_once(':')) {
        let ends = [
            (password, Within::Between(format!("{user}:"), String::new())),
            (user, Within::Between(String::new(), format!(":{password}"))),
        ];
        for (value, end) in ends {
            ways.push(taken(at.clone(), vec![after.clone(), Within::Base64, end], value.to_owned(), &[], Kind::Plain));
        }
    }
    ways
}

fn body(call: &Call, all: &mut Vec<Vec<Taken>>) {
    let content = wire::carried(call, None);
    if is_wide(&content) {
        return;
    }
    let thing = resource(&call.target);
    leaves(content.document(), &mut Path::root(), thing.as_deref(), all);
}

fn leaves(document: &Document, path: &mut Path, thing: Option<&str>, all: &mut Vec<Vec<Taken>>) {
    if all.len() >= MOST || path.0.len() > DEEPEST {
        return;
    }
    match document {
        Document::Text(_) | Document::Number(_) => {
            let value = document.as_scalar_text().unwrap_or_default();
            let names = of_path(path, thing);
            all.push(ways_into(&At::Body(path.clone()), value, &names));
        }
        Document::List(items) => {
            for (index, item) in items.iter().enumerate() {
                path.0.push(Step::Item(index));
                leaves(item, path, thing, all);
                path.0.pop();
            }
        }
        Document::Fields(fields) => {
            for (name, value) in fields {
                path.0.push(Step::Field(name.clone()));
                leaves(value, path, thing, all);
                path.0.pop();
            }
        }
        _ => {}
    }
}

/// What a part of a document is called: its own field, in the nearest thing around it that is no mere envelope.
pub(super) fn of_path(path: &Path, thing: Option<&str>) -> Vec<String> {
    let mut fields =
        path.0.iter().rev().filter_map(|step| if let Step::Field(name) = step { Some(&**name) } else { None });
    let Some(name) = fields.next() else { return Vec::new() };
    let container = fields.find(|name| !names::is_envelope(name));
    names::of_field(name, container.or(thing))
}

/// The text itself, what it says in base64 or percent-encoded, and its parts where it is a URL.
fn ways_into(at: &At, value: &str, names: &[String]) -> Vec<Taken> {
    let mut ways = vec![taken(at.clone(), vec![], value.to_owned(), names, Kind::Plain)];
    let mut add = |within: Vec<Within>, value: String, names: &[String]| {
        ways.push(taken(at.clone(), within, value, names, Kind::Plain));
    };
    if url::is_url(value) {
        let target = origin_form(value);
        for (number, range) in url::segments(target).into_iter().enumerate() {
            let names = before(target, number).map(|thing| names::of_thing(&thing));
            if let Some(part) = url::decode(&target[range], false) {
                add(vec![Within::Segment(number)], part, names.as_slice());
            }
        }
        for (name, range) in url::query(target) {
            if let Some(part) = url::decode(&target[range], true) {
                let names = names::of_field(&name, None);
                add(vec![Within::Query(name)], part, &names);
            }
        }
    } else if let Some(plain) = within::from_base64(value) {
        add(vec![Within::Base64], plain, names);
    }
    ways
}

fn taken(at: At, within: Vec<Within>, value: String, names: &[String], kind: Kind) -> Taken {
    Taken { place: Place { at, within }, value, names: names.to_vec(), kind }
}

/// Headers that clients make up by themselves, out of what they are and where they stand.
fn is_standard(name: &str) -> bool {
    const PREFIXES: [&str; 8] =
        ["accept", "content-", "sec-", "proxy-", "upgrade", "x-forwarded-", "access-control-", "if-"];
    const NAMES: [&str; 28] = [
        "user-agent",
        "host",
        "origin",
        "referer",
        "connection",
        "cache-control",
        "pragma",
        "te",
        "trailer",
        "transfer-encoding",
        "keep-alive",
        "dnt",
        "via",
        "forwarded",
        "x-real-ip",
        "x-requested-with",
        "date",
        "expect",
        "range",
        "priority",
        "from",
        "traceparent",
        "tracestate",
        "save-data",
        "device-memory",
        "viewport-width",
        "max-forwards",
        "http2-settings",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}
