//! `openapi/discriminator-changed`: branches are told apart in another way than they are named. A change like this speaks in both
//! directions at once; one that only one side has speaks where that side reads.

use super::Noted;
use crate::contract::openapi::read::Node;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/discriminator-changed",
    severity: Severity::Risk,
    summary: "Branches are told apart in another way than they are named",
    explanation: "A reader that goes by a discriminator takes a document for what it says it is, and can't read one that doesn't say so in this way. A validator doesn't look at discriminators, so that the documents of both sides may well be the same: where both name branches by the same property, names that the reader doesn't know are told as what breaks.",
    remedy: "Write the property before readers go by it. Keep its name, and add names of branches to readers first.",
};

/// Looks at two schemas that meet.
pub(in crate::contract::openapi) fn check(written: &Node<'_>, read: &Node<'_>) -> Option<Noted> {
    let wanted = read.get("discriminator")?;
    let wanted_name = wanted.text("propertyName")?;
    let own = written.get("discriminator");
    let message = match own.as_ref().and_then(|own| own.text("propertyName")) {
        Some(name) if name == wanted_name => {
            let names = |node: &Node<'_>| {
                node.get("mapping").map(|mapping| mapping.members().map(|(name, _)| name.to_owned()).collect())
            };
            let (own, known): (Option<Vec<String>>, Option<Vec<String>>) =
                (own.as_ref().and_then(names), names(&wanted));
            let (own, known) = (own?, known?);
            let unknown: Vec<_> =
                own.iter().filter(|name| !known.contains(name)).map(|name| format!("`{name}`")).collect();
            if unknown.is_empty() {
                return None;
            }
            format!("{{writer}} may name a branch {}, which {{reader}} may not know", unknown.join(", "))
        }
        Some(name) => format!("{{writer}} names branches by `{name}`, and {{reader}} may go by `{wanted_name}`"),
        None => format!("{{reader}} may go by `{wanted_name}`, by which {{writer}} does not name branches"),
    };
    Some(Noted::of(&RULE, Severity::Risk, message))
}
