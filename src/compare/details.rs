//! What a failed remote procedure says of its failure: its message, and details by their types.

use crate::model::{Document, Ending};

/// The field that says of which type a detail is.
const TYPE: &str = "@type";
/// Details that nest deeper are not looked into any further.
const DEEPEST: usize = 32;

/// What of the control's words is not in the mixed cell's; none where nothing is missing. Words themselves may differ.
pub(super) fn lost(control: &Ending, mixed: &Ending) -> Option<String> {
    if !control.message.is_empty() && mixed.message.is_empty() {
        return Some("the message".to_owned());
    }
    control.details.iter().find_map(|detail| {
        let name = kind(detail);
        match mixed.details.iter().find(|other| kind(other) == name) {
            Some(other) => missing(detail, other, 0).map(|field| format!("`{field}` of {name}")),
            None => Some(name.to_owned()),
        }
    })
}

/// The last part of a detail's type: `google.rpc.ErrorInfo`.
fn kind(detail: &Document) -> &str {
    let kind = detail.field(TYPE).and_then(Document::as_scalar_text).unwrap_or("a detail of no type");
    kind.rsplit('/').next().unwrap_or(kind)
}

/// The first field that is gone, is of another kind, or says nothing any more.
fn missing<'d>(control: &'d Document, mixed: &Document, depth: usize) -> Option<&'d str> {
    let Document::Fields(fields) = control else { return None };
    fields.iter().filter(|_| depth < DEEPEST).find_map(|(name, ours)| match mixed.field(name) {
        None => Some(&**name),
        Some(theirs) if theirs.kind() != ours.kind() || (is_empty(theirs) && !is_empty(ours)) => Some(&**name),
        Some(theirs) => missing(ours, theirs, depth + 1),
    })
}

fn is_empty(document: &Document) -> bool {
    match document {
        Document::Text(text) => text.is_empty(),
        Document::Bytes(bytes) => bytes.is_empty(),
        Document::List(rows) => rows.is_empty(),
        Document::Fields(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Code;

    fn ending(message: &str, details: &[&[(&str, &str)]]) -> Ending {
        let fields = |all: &[(&str, &str)]| {
            Document::Fields(all.iter().map(|(name, value)| ((*name).into(), Document::text(*value))).collect())
        };
        Ending { code: Code(5), message: message.to_owned(), details: details.iter().map(|all| fields(all)).collect() }
    }

    fn check(control: &Ending, mixed: &Ending, expected: Option<&str>) {
        assert_eq!(lost(control, mixed).as_deref(), expected);
    }

    #[test]
    fn words_may_differ_and_what_they_tell_may_not_go() {
        let info: &[(&str, &str)] = &[("@type", "type.googleapis.com/google.rpc.ErrorInfo"), ("reason", "NO_STOCK")];
        let other: &[(&str, &str)] = &[("@type", "x/google.rpc.ErrorInfo"), ("reason", "GONE"), ("domain", "shop")];
        let bare: &[(&str, &str)] = &[("@type", "x/google.rpc.ErrorInfo")];
        let full = ending("no such item", &[info]);
        check(&full, &ending("gone", &[other, info]), None);
        check(&full, &ending("", &[info]), Some("the message"));
        check(&full, &ending("gone", &[]), Some("google.rpc.ErrorInfo"));
        check(&full, &ending("gone", &[bare]), Some("`reason` of google.rpc.ErrorInfo"));
        check(&ending("", &[]), &full, None);
    }
}
