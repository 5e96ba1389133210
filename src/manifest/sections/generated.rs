//! `[generated]`

use crate::manifest::GeneratedSpec;
use crate::manifest::node::Table;
use crate::manifest::reading::Reading;
use crate::manifest::shape::{Key, Section, Shape};

pub(super) static GENERATED: Section = Section {
    name: "generated",
    doc: "Messages that contracts allow, sent to both builds.",
    keys: &[
        Key::defaulted("messages", Shape::Count(10_000), "24", "Messages of each operation or method, at most."),
        Key::defaulted(
            "cases",
            Shape::Text,
            "\".straddle/cases\"",
            "The folder in which the smallest messages that showed something are kept. They are sent first the next time.",
        ),
        Key::defaulted(
            "headers",
            Shape::List(&Shape::Text),
            "[]",
            "Headers that every message carries, `Authorization: Bearer {secret:token#1}`; `[secrets]` fills the placeholders.",
        ),
    ],
};

pub(super) fn read(table: &Table, reading: &mut Reading<'_>) -> Option<GeneratedSpec> {
    let mut headers = Vec::new();
    for node in table.list("headers") {
        let Some(text) = node.as_text() else { continue };
        match text.split_once(':').map(|(name, value)| (name.trim(), value.trim())) {
            Some((name, value)) if is_name(name) => headers.push((name.to_owned(), value.to_owned())),
            _ => reading.problems.push(
                "manifest::bad-value",
                node.span.clone(),
                format!("`{text}` in {} is no header", table.title),
                "a header is a name and a value: `headers = [\"Authorization: Bearer {secret:token#1}\"]`",
            ),
        }
    }
    Some(GeneratedSpec {
        headers,
        messages: usize::try_from(table.count("messages")?).ok()?,
        cases: reading.folder.join(table.text("cases")?),
    })
}

/// Whether a header may be called so (RFC 9110, 5.1).
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}
