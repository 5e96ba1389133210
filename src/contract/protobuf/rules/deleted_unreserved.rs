//! `protobuf/deleted-unreserved`: a field is taken out, and its number may be used again.

use crate::contract::protobuf::field::Field;
use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::Meeting;
use crate::model::{Rule, Severity, Side};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/deleted-unreserved",
    severity: Severity::Info,
    summary: "A field is taken out, and its number may be used again",
    explanation: "Nothing keeps the next author from giving the number or the name to another field, which readers and stores of today then misread.",
    remedy: "Reserve the number and the name of the field: `reserved 4; reserved \"total\";`.",
};

/// Looks at one message, in the one direction where something is gone.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    if meeting.context.from != Side::New {
        return Vec::new();
    }
    let is_gone =
        |field: &&Field| !meeting.is_taken(field) && !meeting.writer_reserves(field) && !field.name.starts_with('[');
    let gone = meeting.readable.iter().filter(is_gone);
    gone.map(|field| Hit {
        severity: Severity::Info,
        at: field.at(),
        message: format!(
            "`{}` is gone from `{}`, and neither its number nor its name is reserved",
            field.name,
            meeting.writer.full_name()
        ),
        shown: None,
        positions: meeting.positions(None, Some(field)),
    })
    .collect()
}
