//! What a later request took from a page: a form's field, or a link that it followed.

use crate::model::{At, Document, link_value};

/// The part of a page's document at that place; none where the page has no such field or link.
pub(super) fn find<'d>(page: &'d Document, at: &At) -> Option<&'d Document> {
    match at {
        At::Body(path) => page.at(path),
        At::Link(template) => match page.field("links") {
            Some(Document::List(links)) => {
                links.iter().find(|link| link.as_scalar_text().is_some_and(|link| link_value(template, link).is_some()))
            }
            _ => None,
        },
        _ => None,
    }
}
