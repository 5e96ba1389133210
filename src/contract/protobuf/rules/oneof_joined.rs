//! `protobuf/oneof-joined`: fields that may be set together exclude each other for the reader.

use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::field::Shape;
use crate::contract::protobuf::hit::{Hit, Shown, Verdict};
use crate::contract::protobuf::meaning::{self, Fate};
use crate::contract::protobuf::meeting::{Line, Meeting};
use crate::contract::protobuf::sample;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/oneof-joined",
    severity: Severity::Breaking,
    summary: "Fields that may be set together exclude each other for the reader",
    explanation: "A writer that does not have the oneof sets several of its fields at once. In binary the reader keeps the one that comes last and drops the others; in JSON it refuses the message. The other way round nothing is lost but presence.",
    remedy: "Move fields into a oneof only if no writer sets two of them, and only after all writers know it. A single field may move into a new oneof.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let oneofs = meeting.reader.oneofs().filter(|oneof| !oneof.is_synthetic());
    oneofs.filter_map(|oneof| check_oneof(meeting, oneof.name())).collect()
}

fn check_oneof(meeting: &Meeting<'_>, oneof: &str) -> Option<Hit> {
    let mut verdict = Verdict::default();
    let mut told = None;
    for wire in meeting.wires() {
        let is_in = |line: &&Line| {
            let reader = line.taken(*wire).filter(|_| !line.is_reused || *wire == Wire::Json);
            line.writer.shape == Shape::One && reader.is_some_and(|field| field.oneof.as_deref() == Some(oneof))
        };
        let lines: Vec<&Line> = meeting.lines.iter().filter(is_in).collect();
        // Which of them the writer may set along with the first of another choice: one such pair is enough to show it.
        let together =
            |ours: &Line, theirs: &Line| ours.writer.oneof.is_none() || ours.writer.oneof != theirs.writer.oneof;
        let pair = lines.iter().enumerate().find_map(|(at, ours)| {
            lines.get(at + 1..)?.iter().find(|theirs| together(ours, theirs)).map(|theirs| (*ours, *theirs))
        });
        let Some((ours, theirs)) = pair else { continue };
        verdict.add(send_both(meeting, *wire, ours, theirs));
        told = told.or(Some((ours, theirs)));
    }
    let (ours, theirs) = told?;
    let sentence = format!(
        "`{}` and `{}` may be set together, and the reader has them in the oneof `{oneof}`",
        ours.writer.name, theirs.writer.name
    );
    verdict.hit(
        format!("oneof {oneof}"),
        &sentence,
        meeting.positions(Some(&theirs.writer), theirs.taken(Wire::Binary)),
    )
}

fn send_both(meeting: &Meeting<'_>, wire: Wire, ours: &Line, theirs: &Line) -> Option<Shown> {
    let mut written = sample::smallest(&meeting.writer)?;
    for line in [ours, theirs] {
        if !line.writer.set(&mut written, sample::tries(&line.writer).into_iter().next()?) {
            return None;
        }
    }
    let sent = meeting.send(wire, &written)?;
    let fate = match &sent.read {
        Err(_) => Fate::Refused,
        Ok(read) => [ours, theirs]
            .iter()
            .filter_map(|line| Some(meaning::fate(wire, (&line.writer, &written), (line.taken(wire)?, read))))
            .max()?,
    };
    Some(Shown { sent, fate })
}
