//! `protobuf/presence-changed`: only one side can tell an unset field from one that is zero.

use prost_reflect::{Kind, Value};

use crate::contract::protobuf::field::{Field, Shape};
use crate::contract::protobuf::hit::{Hit, Shown, Verdict};
use crate::contract::protobuf::meaning::{self, Fate};
use crate::contract::protobuf::meeting::{Meeting, worst};
use crate::contract::protobuf::sample;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/presence-changed",
    severity: Severity::Risk,
    summary: "Only one side can tell an unset field from one that is zero",
    explanation: "A field with presence (proto2 optional, proto3 optional, a member of a oneof) is written even when it is zero; one without is not. A reader that looks for presence takes a zero for unset, and one that does not takes unset for zero. Nothing else is lost.",
    remedy: "Change the presence of a field only if nobody looks at the difference between unset and zero.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for line in &meeting.lines {
        for (reader, wires) in line.pairings(meeting.wires()) {
            let writer = &line.writer;
            let is_plain = |field: &Field| field.shape == Shape::One && !matches!(field.kind, Kind::Message(_));
            if !is_plain(writer) || !is_plain(reader) || writer.has_presence == reader.has_presence {
                continue;
            }
            let zero = sample::with(&meeting.writer, writer, Value::default_value(&writer.kind));
            let tried: Vec<_> = zero.into_iter().chain(sample::smallest(&meeting.writer)).collect();
            let mut verdict = Verdict::default();
            for wire in wires {
                verdict.add(worst(tried.iter().filter_map(|written| {
                    let sent = meeting.send(wire, written)?;
                    let read = sent.read.as_ref().ok()?;
                    let fate = meaning::fate(wire, (writer, written), (reader, read));
                    // Where the default differs too, that is another rule's.
                    Some(Shown { fate: fate.min(Fate::Blurred), sent })
                })));
            }
            let (ours, theirs) = if writer.has_presence { ("with", "without") } else { ("without", "with") };
            let sentence = format!("`{}` is written {ours} presence and read {theirs}", writer.name);
            hits.extend(verdict.hit(writer.at(), &sentence, meeting.positions(Some(writer), Some(reader))));
        }
    }
    hits
}
