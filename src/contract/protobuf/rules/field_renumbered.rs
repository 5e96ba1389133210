//! `protobuf/field-renumbered`: a field has another number.

use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::Meeting;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/field-renumbered",
    severity: Severity::Breaking,
    summary: "A field has another number",
    explanation: "In binary a field is known by its number alone: under another number its value is lost to a reader that has the field. JSON goes by names and is not affected.",
    remedy: "Never change a number. A field that must move is a new field with a new name.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in meeting.lines.iter().filter(|line| line.binary.is_none() && meeting.wires().contains(&Wire::Binary)) {
        let (writer, Some(reader)) = (&line.writer, &line.json) else { continue };
        let verdict = meeting.try_field(&[Wire::Binary], writer, Some(reader));
        let sentence =
            format!("`{}` is written as number {} and read as {}", writer.name, writer.number, reader.number);
        let positions = meeting.positions(Some(writer), Some(reader));
        let hit = verdict.hit(writer.at(), &sentence, positions);
        // Both have the field, and none of its values arrives.
        hits.extend(hit.map(|hit| Hit { severity: Severity::Breaking, ..hit }));
    }
    hits
}
