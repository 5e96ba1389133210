//! What a live answer says at a place, and whether it says a value anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;

use super::given::{Walk, set_cookie};
use super::{url, within};
use crate::model::{Answer, At, Document, Form, Place, Step, link_value};

/// The values that stand at that place, decoded, in their order. None where the answer has no such place.
///
/// `[]` in a path gives the values of all items; of links the first that fits is the one.
pub fn extract(answer: &Answer, place: &Place) -> Vec<String> {
    let narrow = |text: &str| within::narrow(text, &place.within);
    match &place.at {
        At::Header(name) => answer.metadata.all(name).chain(answer.trailers.all(name)).filter_map(narrow).collect(),
        At::Cookie(name) => {
            let set = answer.metadata.all("set-cookie").filter_map(set_cookie);
            // Of several cookies of one name a jar keeps the last.
            set.filter(|(n, _)| n == name).last().and_then(|(_, value)| narrow(value)).into_iter().collect()
        }
        At::Body(path) => {
            let mut found = Vec::new();
            at_path(answer.content.document(), &path.0, &mut |document| {
                found.extend(document.as_scalar_text().and_then(narrow));
            });
            found
        }
        At::Link(template) => first_link(answer, template).as_deref().and_then(narrow).into_iter().collect(),
        At::Status => vec![answer.status.to_string()],
        At::Reply | At::Segment(_) | At::Query(..) => Vec::new(),
    }
}

/// Whether an answer says that value anywhere, decoded: in a field, a header, a cookie, a form, a part of a link or of
/// a URL.
pub fn holds(answer: &Answer, value: &str) -> bool {
    if value.is_empty() {
        return false;
    }
    let mut held = false;
    let want = |found: &str| found == value;
    let most = if may_hold(answer, value) { usize::MAX } else { 0 };
    Walk { target: "/", most, want: &want, found: &mut |_| held = true }.through(answer);
    held
}

/// Whether it is worth decoding the body: most that lack a value lack its bytes too.
fn may_hold(answer: &Answer, value: &str) -> bool {
    let Some(bytes) = &answer.content.bytes else { return false };
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b));
    if !plain {
        return true;
    }
    let has = |needle: &str| memmem::find(bytes, needle.as_bytes()).is_some();
    // Escapes may spell even a plain letter; nobody but a test does.
    has(value) || has(&STANDARD_NO_PAD.encode(value)) || has(&URL_SAFE_NO_PAD.encode(value)) || has("\\u00")
}

/// Whether what stands at that place hangs on the order of a list or of a page: another order, another thing.
pub fn is_positional(place: &Place) -> bool {
    match &place.at {
        At::Body(path) => path.0.iter().any(|step| !matches!(step, Step::Field(_))),
        At::Link(_) => true,
        _ => false,
    }
}

/// Hands over what stands at the end of a path.
fn at_path(document: &Document, path: &[Step], found: &mut dyn FnMut(&Document)) {
    let Some((step, rest)) = path.split_first() else { return found(document) };
    match (step, document) {
        (Step::Field(name), Document::Fields(fields)) => {
            fields.iter().filter(|(n, _)| n == name).for_each(|(_, value)| at_path(value, rest, found));
        }
        (Step::Item(index), Document::List(items)) => {
            if let Some(item) = items.get(*index) {
                at_path(item, rest, found);
            }
        }
        (Step::Each, Document::List(items)) => items.iter().for_each(|item| at_path(item, rest, found)),
        _ => {}
    }
}

fn first_link(answer: &Answer, template: &str) -> Option<String> {
    if answer.content.form != Form::Html {
        return None;
    }
    let Some(Document::List(links)) = answer.content.document().field("links") else { return None };
    links.iter().find_map(|link| {
        let (value, in_query) = link_value(template, link.as_scalar_text()?)?;
        url::decode(value, in_query)
    })
}
