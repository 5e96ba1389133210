//! `openapi/parameter-style-changed`: clients write a parameter in another way than the server reads it. A change like this speaks
//! in both directions at once.

use crate::contract::openapi::compare::{Crossing, Hit};
use crate::contract::openapi::read::{Parameter, Style};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/parameter-style-changed",
    severity: Severity::Breaking,
    summary: "A parameter is written in another way than it is read",
    explanation: "`style`, `explode` and `content` say how lists and objects are written: `?id=1&id=2` or `?id=1,2`. A server that expects the one misreads the other. Single values are the same in all styles but `label` and `matrix`.",
    remedy: "Add a parameter of another name that is written in the new way, and keep the old one until nobody sends it.",
};

/// Looks at a parameter that both know; `is_single` where neither allows lists or objects.
pub(in crate::contract::openapi) fn check(
    crossing: &Crossing<'_, '_>,
    sent: &Parameter<'_>,
    read: &Parameter<'_>,
    is_single: bool,
) -> Option<Hit> {
    let is_alike = match (&sent.style, &read.style) {
        (Style::Plain(sent, _), Style::Plain(read, _)) if is_single => {
            let prefixed = |style: &str| matches!(style, "label" | "matrix");
            sent == read || !(prefixed(sent) || prefixed(read))
        }
        (sent, read) => sent == read,
    };
    if is_alike {
        return None;
    }
    let (caller, answerer) = (&crossing.caller, &crossing.answerer);
    let at = sent.at();
    let (written, wanted) = (told(&sent.style), told(&read.style));
    Some(Hit {
        rule: &RULE,
        severity: Severity::Breaking,
        message: format!("`{at}` is written {written} by {}, and read {wanted} by {}", caller.name(), answerer.name()),
        at,
        caller: caller.contract.position(&sent.node),
        answerer: answerer.contract.position(&read.node),
        counterexample: None,
    })
}

fn told(style: &Style) -> String {
    match style {
        Style::Plain(style, true) => format!("in style `{style}`, exploded"),
        Style::Plain(style, false) => format!("in style `{style}`"),
        Style::Document(range) => format!("as `{range}`"),
    }
}
