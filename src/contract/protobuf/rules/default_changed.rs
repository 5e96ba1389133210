//! `protobuf/default-changed`: an unset field means another value.

use prost_reflect::{Kind, Value};

use crate::contract::protobuf::field::{Field, Shape};
use crate::contract::protobuf::hit::{Hit, Shown, Verdict};
use crate::contract::protobuf::meaning::{self, Fate};
use crate::contract::protobuf::meeting::Meeting;
use crate::contract::protobuf::rules::type_changed;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/default-changed",
    severity: Severity::Breaking,
    summary: "An unset field means another value",
    explanation: "Defaults are not on the wire: what the writer left out because it is the default is filled in by the reader with its own. Where the writer leaves out zeros, and the reader fills in something else, zeros are misread.",
    remedy: "Never change a default: add a new field with the new one.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in &meeting.lines {
        for (reader, wires) in line.pairings(meeting.wires()) {
            let writer = &line.writer;
            let is_single = writer.shape == Shape::One && reader.shape == Shape::One;
            let is_plain = is_single && !matches!(writer.kind, Kind::Message(_)) && !writer.is_required;
            if !is_plain || type_changed::differs(writer, reader) || writer.default() == reader.default() {
                continue;
            }
            let mut verdict = Verdict::default();
            for wire in wires {
                verdict.add(meeting.try_smallest(wire).and_then(|sent| {
                    let read = sent.read.as_ref().ok()?;
                    let fate = meaning::fate(wire, (writer, &sent.written), (reader, read));
                    // What is unset may mean to the writer that it doesn't care.
                    let fate = if writer.has_presence { fate.min(Fate::Lost) } else { fate };
                    Some(Shown { sent, fate })
                }));
            }
            let Some(severity) =
                verdict.severity().filter(|_| verdict.worst().is_some_and(|shown| shown.fate > Fate::Blurred))
            else {
                continue;
            };
            let message = format!(
                "`{}` unset means {} to the writer and {} to the reader",
                writer.name,
                text(writer),
                text(reader)
            );
            let positions = meeting.positions(Some(writer), Some(reader));
            hits.push(Hit { severity, at: writer.at(), message, shown: verdict.worst().cloned(), positions });
        }
    }
    hits
}

fn text(field: &Field) -> String {
    match (field.default(), &field.kind) {
        (Value::EnumNumber(number), Kind::Enum(enumeration)) => {
            enumeration.get_value(number).map_or_else(|| number.to_string(), |value| format!("`{}`", value.name()))
        }
        (value, _) => format!("`{value}`"),
    }
}
