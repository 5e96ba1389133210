//! `[compare]`, and the selectors that it is made of.

use crate::manifest::excerpt::quoted;
use crate::manifest::node::Table;
use crate::manifest::reading::Reading;
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{CompareSpec, Selector};

pub(super) static COMPARE: Section = Section {
    name: "compare",
    doc: "Places that are compared otherwise, or not at all.",
    keys: &[
        Key::defaulted(
            "unordered",
            Shape::List(&Shape::Section(&UNORDERED)),
            "[]",
            "Lists whose order nobody promised.",
        ),
        Key::defaulted(
            "ignore",
            Shape::List(&Shape::Section(&IGNORE)),
            "[]",
            "Places that are not compared, each with its reason.",
        ),
    ],
};

const SUBJECT: Key = Key::required("subject", Shape::Text, "The surface, as reports name it: `GET /orders/{}`.");
const AT: Key = Key::required("at", Shape::At, "The place in it: `$.items[].id`, `header etag`.");
const DIRECTION: Key =
    Key::optional("direction", Shape::Direction, "The direction that is meant; both where it is absent.");

static UNORDERED: Section = Section {
    name: "unordered",
    doc: "A list whose order nobody promised.",
    keys: &[SUBJECT, AT, DIRECTION, Key::optional("reason", Shape::Text, "Why.")],
};

static IGNORE: Section = Section {
    name: "ignore",
    doc: "A place that is not compared.",
    keys: &[SUBJECT, AT, DIRECTION, Key::required("reason", Shape::Text, "Why it says nothing.")],
};

pub(super) fn read(table: &Table, reading: &mut Reading<'_>) -> Option<CompareSpec> {
    let unordered: Vec<_> = table.tables("unordered").map(|table| selector(table, reading)).collect();
    let ignore: Vec<_> = table.tables("ignore").map(|table| selector(table, reading)).collect();
    Some(CompareSpec {
        unordered: unordered.into_iter().collect::<Option<_>>()?,
        ignore: ignore.into_iter().collect::<Option<_>>()?,
    })
}

fn selector(table: &Table, reading: &mut Reading<'_>) -> Option<Selector> {
    Some(Selector {
        subject: subject(table, reading)?,
        at: table.at("at")?.clone(),
        direction: table.direction("direction"),
        reason: table.text("reason").map(str::to_owned),
    })
}

/// A subject in the form that findings have: a segment that varies is `{}`, with no name in it.
pub(super) fn subject(table: &Table, reading: &mut Reading<'_>) -> Option<String> {
    let node = table.get("subject")?;
    let text = node.as_text()?;
    let named = text.split('{').skip(1).find_map(|rest| rest.split_once('}').filter(|(name, _)| !name.is_empty()));
    if let Some((name, _)) = named {
        reading.problems.push(
            "manifest::bad-value",
            node.span.clone(),
            format!("`subject` in {} can never match: {} is no segment", table.title, quoted(&format!("{{{name}}}"))),
            format!("a segment that varies is `{{}}`: `subject = \"{}\"`", text.replace(&format!("{{{name}}}"), "{}")),
        );
        return None;
    }
    Some(text.to_owned())
}
