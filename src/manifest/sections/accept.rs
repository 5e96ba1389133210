//! `[[accept]]`

use super::compare::subject;
use crate::manifest::Accept;
use crate::manifest::excerpt::quoted;
use crate::manifest::node::Table;
use crate::manifest::reading::Reading;
use crate::manifest::shape::{Key, Section, Shape};

pub(super) static ACCEPT: Section = Section {
    name: "accept",
    doc: "A break that was decided on.",
    keys: &[
        Key::required("rule", Shape::Text, "The rule's id: `http/field-removed`."),
        Key::required("subject", Shape::Text, "The surface, as the finding names it: `GET /orders/{}`."),
        Key::required("at", Shape::Text, "The place, as the finding names it: `$.legacy_total`."),
        Key::optional("direction", Shape::Direction, "The direction that is meant; both where it is absent."),
        Key::required("reason", Shape::Text, "Why it is no trouble."),
        Key::required(
            "expires",
            Shape::Date,
            "The last day on which it holds; expired or unused, the acceptance is itself a finding.",
        ),
    ],
};

pub(super) fn read(table: &Table, reading: &mut Reading<'_>) -> Option<Accept> {
    let rule = rule(table, reading);
    let subject = subject(table, reading);
    Some(Accept {
        rule: rule?,
        subject: subject?,
        at: table.text("at")?.to_owned(),
        direction: table.direction("direction"),
        reason: table.text("reason")?.to_owned(),
        expires: table.text("expires")?.to_owned(),
        line: reading.line(&table.span),
    })
}

/// A rule's id by its form: which rules there are is not a manifest's business.
fn rule(table: &Table, reading: &mut Reading<'_>) -> Option<String> {
    let node = table.get("rule")?;
    let text = node.as_text()?;
    let is_kebab =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if text.split_once('/').is_some_and(|(family, name)| is_kebab(family) && is_kebab(name)) {
        return Some(text.to_owned());
    }
    reading.problems.push(
        "manifest::bad-value",
        node.span.clone(),
        format!("`rule` in {} is no rule's id: {}", table.title, quoted(text)),
        "write it as the finding has it, `http/field-removed`; `straddle rules` lists them",
    );
    None
}
