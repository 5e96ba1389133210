//! `protobuf/type-changed`: a field has another type.

use prost_reflect::Kind;

use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::field::{Field, name};
use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::Meeting;
use crate::contract::protobuf::special::is_special;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/type-changed",
    severity: Severity::Breaking,
    summary: "A field has another type",
    explanation: "A type that is written alike is read alike as long as the value fits: int32 is read as int64, and text as bytes. The other way numbers are cut and bytes are no text. Types that are written otherwise are misread or refused. JSON has its own groups: 64-bit numbers are texts that 32-bit readers take, bytes are base64.",
    remedy: "Give a field of another type another number and name, write both for a while, and reserve the old one.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in &meeting.lines {
        for (reader, wires) in line.pairings(meeting.wires()) {
            let writer = &line.writer;
            let has_form = writer.shape == reader.shape && has_other_form(writer, reader);
            let wires = match differs(writer, reader) {
                _ if writer.shape != reader.shape => continue,
                true => wires,
                false if has_form => wires.into_iter().filter(|wire| *wire == Wire::Json).collect(),
                false => continue,
            };
            let sentence =
                format!("`{}` is written as {} and read as {}", writer.name, writer.type_name(), reader.type_name());
            // That an empty message can be told from none, and empty bytes can't, is not what changed.
            let verdict = meeting.try_field(&wires, writer, Some(reader)).without_presence();
            hits.extend(verdict.hit(writer.at(), &sentence, meeting.positions(Some(writer), Some(reader))));
        }
    }
    hits
}

/// Whether two messages are no objects of their fields in JSON: their fields then say nothing there.
fn has_other_form(writer: &Field, reader: &Field) -> bool {
    match (writer.message(), reader.message()) {
        (Some(ours), Some(theirs)) => {
            ours.full_name() != theirs.full_name() && (is_special(&ours) || is_special(&theirs))
        }
        _ => false,
    }
}

/// Whether values are of another type; two messages are compared by what is in them, and two enums by their values.
pub fn differs(writer: &Field, reader: &Field) -> bool {
    let differ = |ours: &Kind, theirs: &Kind| match (ours, theirs) {
        (Kind::Message(_), Kind::Message(_)) | (Kind::Enum(_), Kind::Enum(_)) => false,
        _ => name(ours) != name(theirs),
    };
    match (writer.entry(), reader.entry()) {
        (Some((our_key, ours)), Some((their_key, theirs))) => {
            differ(&our_key, &their_key) || differ(&ours.kind, &theirs.kind)
        }
        _ => differ(&writer.kind, &reader.kind) || writer.is_group != reader.is_group,
    }
}
