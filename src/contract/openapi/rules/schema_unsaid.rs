//! `openapi/schema-unsaid`: the writer's contract doesn't say what is written where the reader's does. Speaks in both directions: of
//! a request's schema that is added, of a reply's that is removed; and the other way round for NEW's clients.

use crate::contract::Position;
use crate::contract::openapi::compare::{Hit, Party};
use crate::contract::openapi::read::Node;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/schema-unsaid",
    severity: Severity::Risk,
    summary: "Nothing says what is written where the reader expects something",
    explanation: "The reader's contract has a schema, and the writer's has none: anything may be written, so that nothing shows that it fits, and nothing shows that it doesn't. It is harmless where a contract was only completed.",
    remedy: "Say in both contracts what is written.",
};

/// Looks at a place where only the reader has a schema.
pub(in crate::contract::openapi) fn check(
    writer: &Party<'_, '_>,
    reader: &Party<'_, '_>,
    read: &Node<'_>,
    at: &str,
) -> Option<Hit> {
    let is_anything =
        read.value.as_bool() == Some(true) || read.value.as_object().is_some_and(serde_json::Map::is_empty);
    if is_anything {
        return None;
    }
    let none: Option<Position> = None;
    Some(Hit {
        rule: &RULE,
        severity: Severity::Risk,
        at: at.to_owned(),
        message: format!(
            "nothing says what {} may write here, and a schema says what {} can take",
            writer.name(),
            reader.name()
        ),
        caller: none.clone(),
        answerer: none,
        counterexample: None,
    })
}
