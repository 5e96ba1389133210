//! `protobuf/reserved-number-reused`: a number or name is in use again that was reserved.

use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::Meeting;
use crate::model::{Rule, Severity, Side};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/reserved-number-reused",
    severity: Severity::Info,
    summary: "A number or name is in use again that was reserved",
    explanation: "It was reserved because a field was taken out. What older builds wrote with it, in queues and stores, is read as the new field; today's OLD doesn't write it any more, so that between OLD and NEW nothing breaks by this alone.",
    remedy: "Take a number and a name that were never used.",
};

/// Looks at one message, in the one direction where there is something new.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    if meeting.context.from != Side::New {
        return Vec::new();
    }
    // What the reader takes for one of its fields is not new.
    let unknown = meeting.lines.iter().filter(|line| line.binary.is_none() && line.json.is_none());
    let reused = unknown.map(|line| &line.writer).filter(|field| meeting.reader_reserves(field));
    reused
        .map(|field| Hit {
            severity: Severity::Info,
            at: field.at(),
            message: format!(
                "`{}` takes a number or a name that `{}` had reserved",
                field.name,
                meeting.reader.full_name()
            ),
            shown: None,
            positions: meeting.positions(Some(field), None),
        })
        .collect()
}
