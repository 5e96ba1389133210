//! `protobuf/field-unknown`: a field is written that the reader does not know.

use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::Meeting;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/field-unknown",
    severity: Severity::Breaking,
    summary: "A field is written that the reader does not know",
    explanation: "Readers of the binary encoding drop a number that they do not know or hand it on, and so do JSON readers that are told to ignore unknown names: what the writer said is lost to them. A JSON reader that is not told so refuses the whole message.",
    remedy: "Add a field first to readers, and let writers use it once all of them know it. Readers of JSON should ignore unknown names.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in &meeting.lines {
        let is_lost = |wire: &&Wire| match (&line.binary, &line.json) {
            (None, None) => true,
            // The number is taken; what becomes of that, another rule tells.
            (Some(_), None) => line.is_reused && **wire == Wire::Json,
            _ => false,
        };
        let wires: Vec<Wire> = meeting.wires().iter().filter(is_lost).copied().collect();
        let field = &line.writer;
        let why = if meeting.reader_reserves(field) { "has taken out and reserved" } else { "does not know" };
        let sentence =
            format!("`{}` is written, which the reader of `{}` {why}", field.name, meeting.reader.full_name());
        let positions = meeting.positions(Some(field), None);
        hits.extend(meeting.try_field(&wires, field, None).hit(field.at(), &sentence, positions));
    }
    hits
}
