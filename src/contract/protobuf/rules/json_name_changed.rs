//! `protobuf/json-name-changed`: a field has another name in JSON.

use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::{Line, Meeting};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/json-name-changed",
    severity: Severity::Breaking,
    summary: "A field has another name in JSON",
    explanation: "JSON goes by names: a reader that knows the field by another drops its value, or refuses the message if it is not told to ignore unknown names. Readers take a field's JSON name and its own name; writers use the JSON name. The binary encoding is not affected.",
    remedy: "Keep the old name on the wire: `[json_name = \"old\"]` beside the new name.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let is_lost = |line: &&Line| line.json.is_none() && !line.is_reused && meeting.wires().contains(&Wire::Json);
    let mut hits = Vec::new();
    for line in meeting.lines.iter().filter(is_lost) {
        let (writer, Some(reader)) = (&line.writer, &line.binary) else { continue };
        let verdict = meeting.try_field(&[Wire::Json], writer, None);
        let sentence =
            format!("`{}` is written in JSON, and the reader knows `{}`", writer.json_name, reader.json_name);
        let positions = meeting.positions(Some(writer), Some(reader));
        let hit = verdict.hit(writer.at(), &sentence, positions);
        // Both have the field, and none of its values arrives.
        hits.extend(hit.map(|hit| Hit { severity: Severity::Breaking, ..hit }));
    }
    hits
}
