//! `protobuf/cardinality-changed`: a field holds one value for one side and many for the other.

use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::Meeting;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/cardinality-changed",
    severity: Severity::Breaking,
    summary: "A field holds one value for one side and many for the other",
    explanation: "In binary a list reads a single value as a list of one, and a single field keeps the last of a list of texts or messages; a list of numbers is packed, which a single field cannot read. A map is a list of entries, of which the last of a key counts. In JSON a list is in brackets and a map in braces: readers of anything else refuse it.",
    remedy: "Add a new repeated field beside the single one, write both for a while, and reserve the old one.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in &meeting.lines {
        for (reader, wires) in line.pairings(meeting.wires()) {
            let writer = &line.writer;
            if writer.shape == reader.shape {
                continue;
            }
            let sentence =
                format!("`{}` is written as {} and read as {}", writer.name, writer.type_name(), reader.type_name());
            let verdict = meeting.try_field(&wires, writer, Some(reader));
            hits.extend(verdict.hit(writer.at(), &sentence, meeting.positions(Some(writer), Some(reader))));
        }
    }
    hits
}
