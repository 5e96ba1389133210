//! The values that a reply gives out, and their places.

use super::distinctive::is_distinctive;
use super::resource::{before, resource};
use super::taken::of_path;
use super::{names, url, within};
use crate::model::{Answer, At, Content, Document, Form, Path, Place, Step, Within, origin_form};
use crate::traffic::spool::{Decoder, Encoder};

/// Documents that nest deeper are not looked into any further.
const DEEPEST: usize = 128;

/// What a value in a reply is by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A field, a header.
    Plain,
    /// A part of a URL.
    Part,
    /// A part of the URL of what was just made: `201 Created` and its `Location`.
    Made,
    /// An entity tag.
    Etag,
    /// When it was last modified.
    Modified,
    /// A cookie that is set.
    Cookie,
}

/// A value that a reply gives out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) place: Place,
    pub(super) value: String,
    pub(super) names: Vec<String>,
    pub(super) kind: Kind,
}

impl Given {
    pub(super) fn encode(&self, into: &mut Encoder) {
        into.text(&self.place.to_string());
        into.text(&self.value);
        into.byte(self.kind as u8);
        into.number(self.names.len() as u64);
        self.names.iter().for_each(|name| into.text(name));
    }

    /// None where it makes no sense.
    pub(super) fn decode(from: &mut Decoder) -> Option<Self> {
        let (place, value) = (from.text(), from.text());
        let kind = Kind::ALL.get(usize::from(from.byte())).copied()?;
        let names = (0..from.number()).map(|_| from.text()).collect();
        Some(Self { place: place.parse().ok()?, value, names, kind })
    }
}

impl Kind {
    const ALL: [Self; 6] = [Self::Plain, Self::Part, Self::Made, Self::Etag, Self::Modified, Self::Cookie];
}

/// Goes through all that a reply says. Only what `want` asks for is put together and handed to `found`.
pub(super) struct Walk<'a> {
    /// The target of the call that was answered: what a nameless body is about.
    pub(super) target: &'a str,
    /// How many leaves of the body are looked at.
    pub(super) most: usize,
    pub(super) want: &'a dyn Fn(&str) -> bool,
    pub(super) found: &'a mut dyn FnMut(Given),
}

impl Walk<'_> {
    /// Goes through an answer: the body first, since that is where people look.
    pub(super) fn through(&mut self, answer: &Answer) {
        let thing = resource(self.target);
        if is_wide(&answer.content) {
            // Headers say enough of a reply that is a table of a whole store.
        } else if answer.content.form == Form::Html {
            self.page(answer.content.document());
        } else {
            self.leaves(answer.content.document(), &mut Path::root(), thing.as_deref());
        }
        let made = if answer.status == 201 { Kind::Made } else { Kind::Part };
        for (name, value) in answer.metadata.iter().chain(answer.trailers.iter()) {
            self.header(&name.to_ascii_lowercase(), value, made);
        }
    }

    fn give(&mut self, at: &At, ways: &[Within], value: &str, kind: Kind, names: impl FnOnce() -> Vec<String>) {
        if !value.is_empty() && (self.want)(value) {
            let place = Place { at: at.clone(), within: ways.to_vec() };
            (self.found)(Given { place, value: value.to_owned(), names: names(), kind });
        }
    }

    fn header(&mut self, name: &str, value: &str, made: Kind) {
        let at = At::Header(name.to_owned());
        match name {
            "set-cookie" => self.cookie(value),
            "etag" => self.give(&at, &[], value, Kind::Etag, Vec::new),
            "last-modified" => self.give(&at, &[], value, Kind::Modified, Vec::new),
            "location" | "content-location" => self.parts(&at, &[], value, made),
            "link" => self.links(&at, value),
            _ if is_standard(name) => {}
            _ => self.text(&at, value, || names::of_field(name, None)),
        }
    }

    fn cookie(&mut self, header: &str) {
        let Some((name, value)) = set_cookie(header) else { return };
        let at = At::Cookie(name.to_owned());
        self.give(&at, &[], value, Kind::Cookie, || vec![name.to_owned()]);
        if let Some(plain) = url::decode(value, false).filter(|plain| plain != value) {
            self.give(&at, &[Within::Percent], &plain, Kind::Plain, || names::of_field(name, None));
        }
    }

    /// `<url>; rel="next", <url>; rel="last"`: what follows a URL tells it from the others.
    fn links(&mut self, at: &At, header: &str) {
        for (start, _) in header.match_indices('<') {
            let Some(end) = header[start..].find('>').map(|end| start + end) else { continue };
            let rest = &header[end..];
            let rest = rest[..rest.find('<').unwrap_or(rest.len())].trim_end_matches([',', ' ']);
            let way = Within::Between("<".to_owned(), rest.to_owned());
            self.parts(at, &[way], &header[start + 1..end], Kind::Part);
        }
    }

    fn page(&mut self, document: &Document) {
        if let Some(Document::Fields(fields)) = document.field("forms") {
            for (name, value) in fields.iter().take(self.most) {
                let at = At::Body(Path::root().field("forms").field(name));
                let value = value.as_scalar_text().unwrap_or_default();
                self.give(&at, &[], value, Kind::Plain, || names::of_field(name, None));
            }
        }
        if let Some(Document::List(links)) = document.field("links") {
            for link in links.iter().take(self.most) {
                self.link(origin_form(link.as_scalar_text().unwrap_or_default()));
            }
        }
    }

    fn link(&mut self, target: &str) {
        if target.contains("{}") || target.contains("{*}") {
            return;
        }
        let segments = url::segments(target);
        let query = url::query(target);
        for (number, range) in segments.iter().enumerate() {
            let value = url::decode(&target[range.clone()], false).unwrap_or_default();
            if (self.want)(&value) {
                let names = || before(target, number).map(|thing| names::of_thing(&thing)).into_iter().collect();
                self.give(&At::Link(template(target, range)), &[], &value, Kind::Part, names);
            }
        }
        for (name, range) in &query {
            let value = url::decode(&target[range.clone()], true).unwrap_or_default();
            if (self.want)(&value) {
                let names = || names::of_field(name, resource(target).as_deref());
                self.give(&At::Link(template(target, range)), &[], &value, Kind::Part, names);
            }
        }
    }

    fn leaves(&mut self, document: &Document, path: &mut Path, thing: Option<&str>) {
        if self.most == 0 || path.0.len() > DEEPEST {
            return;
        }
        match document {
            Document::Text(text) => {
                self.most -= 1;
                self.text(&At::Body(path.clone()), text, || of_path(path, thing));
            }
            Document::Number(number) => {
                self.most -= 1;
                if (self.want)(number.as_str()) {
                    self.give(&At::Body(path.clone()), &[], number.as_str(), Kind::Plain, || of_path(path, thing));
                }
            }
            Document::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.0.push(Step::Item(index));
                    self.leaves(item, path, thing);
                    path.0.pop();
                }
            }
            Document::Fields(fields) => {
                for (name, value) in fields {
                    path.0.push(Step::Field(name.clone()));
                    self.leaves(value, path, thing);
                    path.0.pop();
                }
            }
            _ => {}
        }
    }

    /// A text: itself, its parts where it is a URL, or what it says in base64.
    fn text(&mut self, at: &At, text: &str, names: impl Fn() -> Vec<String>) {
        self.give(at, &[], text, Kind::Plain, &names);
        if url::is_url(text) {
            self.parts(at, &[], text, Kind::Part);
        } else if let Some(plain) = within::from_base64(text) {
            self.give(at, &[Within::Base64], &plain, Kind::Plain, names);
        }
    }

    fn parts(&mut self, at: &At, ways: &[Within], text: &str, kind: Kind) {
        let target = origin_form(text);
        let way = |last| ways.iter().cloned().chain([last]).collect::<Vec<_>>();
        for (number, range) in url::segments(target).into_iter().enumerate() {
            let value = url::decode(&target[range], false).unwrap_or_default();
            let names = || before(target, number).map(|thing| names::of_thing(&thing)).into_iter().collect();
            self.give(at, &way(Within::Segment(number)), &value, kind, names);
        }
        for (name, range) in url::query(target) {
            let value = url::decode(&target[range], true).unwrap_or_default();
            let names = || names::of_field(&name, resource(target).as_deref());
            self.give(at, &way(Within::Query(name.clone())), &value, kind, names);
        }
    }
}

/// Documents of more leaves are not built, and not looked into: each leaf takes some forty bytes.
const WIDE: u64 = 100_000;
/// Forms and tables of more bytes are taken to have as many.
const LONG: usize = 1 << 20;

/// Whether a payload would become a document that is too large to be built for the values in it.
pub(super) fn is_wide(content: &Content) -> bool {
    let length = content.bytes.as_ref().map_or(0, bytes::Bytes::len);
    match content.form {
        Form::Empty | Form::Html | Form::Text | Form::Opaque => false,
        Form::Json => length as u64 > WIDE && content.leaves() > WIDE,
        _ => length > LONG,
    }
}

/// The name and the value of a cookie that is set, and not taken away.
pub(in crate::traffic) fn set_cookie(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split(';');
    let (name, value) = parts.next()?.trim().split_once('=')?;
    let gone = parts.any(|attribute| attribute.trim().eq_ignore_ascii_case("max-age=0"));
    (!name.is_empty() && !value.is_empty() && !gone).then_some((name, value))
}

/// A link's target with `{}` where the value stands, and `{*}` where another value stands that may be made anew.
fn template(target: &str, value: &std::ops::Range<usize>) -> String {
    let mut parts = url::segments(target);
    parts.extend(url::query(target).into_iter().map(|(_, range)| range));
    let mut out = String::new();
    let mut from = 0;
    for range in parts {
        let holder = if range == *value {
            "{}"
        } else if url::decode(&target[range.clone()], true).is_some_and(|text| is_distinctive(&text)) {
            "{*}"
        } else {
            continue;
        };
        out.push_str(&target[from..range.start]);
        out.push_str(holder);
        from = range.end;
    }
    out.push_str(&target[from..]);
    out
}

/// Headers of which no client sends anything back.
fn is_standard(name: &str) -> bool {
    const PREFIXES: [&str; 4] = ["content-", "access-control-", "cross-origin-", "x-ratelimit"];
    const NAMES: [&str; 24] = [
        "date",
        "server",
        "vary",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "cache-control",
        "expires",
        "pragma",
        "age",
        "allow",
        "via",
        "strict-transport-security",
        "referrer-policy",
        "permissions-policy",
        "x-powered-by",
        "x-frame-options",
        "x-content-type-options",
        "x-xss-protection",
        "accept-ranges",
        "alt-svc",
        "server-timing",
        "trailer",
        "x-total-count",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}
