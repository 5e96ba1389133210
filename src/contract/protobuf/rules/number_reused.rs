//! `protobuf/number-reused`: a number stands for another field.

use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::hit::{Hit, Verdict};
use crate::contract::protobuf::meaning::Fate;
use crate::contract::protobuf::meeting::Meeting;
use crate::contract::protobuf::sample;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/number-reused",
    severity: Severity::Breaking,
    summary: "A number stands for another field",
    explanation: "In binary only numbers count: the reader takes the bytes of one field for another, silently where the types are written alike. A new name alone is no reuse, and neither is JSON affected, which goes by names.",
    remedy: "Give every new field a number that was never used, and reserve the numbers of fields that are taken out.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in meeting.lines.iter().filter(|line| line.is_reused && meeting.wires().contains(&Wire::Binary)) {
        let (writer, Some(reader)) = (&line.writer, &line.binary) else { continue };
        let mut verdict = Verdict::default();
        let shown = meeting.try_values(Wire::Binary, writer, &sample::tries(writer), Some(reader));
        verdict.add(shown.map(|mut shown| {
            // Whatever was read stands under another name.
            shown.fate = shown.fate.max(Fate::Changed);
            shown
        }));
        let sentence = format!(
            "number {} is `{}` ({}) to the writer and `{}` ({}) to the reader",
            writer.number,
            writer.name,
            writer.type_name(),
            reader.name,
            reader.type_name()
        );
        hits.extend(verdict.hit(writer.at(), &sentence, meeting.positions(Some(writer), Some(reader))));
    }
    hits
}
