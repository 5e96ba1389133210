//! `protobuf/required-missing`: the reader requires a field that the writer may leave out.

use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::hit::{Hit, Shown, Verdict};
use crate::contract::protobuf::meaning::Fate;
use crate::contract::protobuf::meeting::Meeting;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/required-missing",
    severity: Severity::Breaking,
    summary: "The reader requires a field that may not be written",
    explanation: "A message without a required field is refused as a whole, wherever it stands, in both encodings. The writer leaves it out where it does not know it, where it is optional to it, or where it is zero and zeros are not written.",
    remedy: "Never add a required field and never make a required field optional. Let all readers accept messages without it first; then writers may leave it out.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for field in meeting.readable.iter().filter(|field| field.is_required) {
        let writers = |wire: Wire| {
            meeting.lines.iter().find(move |line| line.taken(wire).is_some_and(|taken| taken.number == field.number))
        };
        let mut verdict = Verdict::default();
        for wire in meeting.wires() {
            if writers(*wire).is_some_and(|line| line.writer.is_required) {
                continue;
            }
            let Some(sent) = meeting.try_smallest(*wire) else {
                meeting.undecided(&field.at(), "no message of this type can be written: it must hold itself");
                continue;
            };
            let fate = if sent.read.is_err() { Fate::Refused } else { Fate::Same };
            verdict.add(Some(Shown { sent, fate }));
        }
        let writer = writers(Wire::Binary).or_else(|| writers(Wire::Json)).map(|line| &line.writer);
        let why = if writer.is_some() { "the writer may leave out" } else { "the writer does not know" };
        let sentence =
            format!("`{}` is required in `{}`, and {why} such a field", field.name, meeting.reader.full_name());
        hits.extend(verdict.hit(field.at(), &sentence, meeting.positions(writer, Some(field))));
    }
    hits
}
