//! `protobuf/enum-value-renumbered`: a name of an enum stands for another number.

use crate::contract::protobuf::enums::EnumMeeting;
use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meaning::Fate;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/enum-value-renumbered",
    severity: Severity::Breaking,
    summary: "A name of an enum stands for another number",
    explanation: "In binary only numbers count: the reader takes one value for another, or for one that it does not know. JSON goes by names and is affected only where the value is the default, which is not written.",
    remedy: "Never change a value's number: reserve the old one and add a value of another name.",
};

/// Looks at one enum.
pub fn check(meeting: &EnumMeeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for number in meeting.numbers().into_iter().filter(|number| number.moved && !number.is_known_by_name()) {
        let read_as = match number.read_as.first() {
            Some(name) => format!("`{name}`"),
            None => "a number without a name".to_owned(),
        };
        let sentence =
            format!("number {} is `{}` to the writer and {read_as} to the reader", number.value, number.name());
        let verdict = meeting.try_number(number.value, |fate, wire, is_written| match wire {
            // Read as the same number, which has another meaning.
            Wire::Binary if !number.read_as.is_empty() => Fate::Changed,
            Wire::Json if !is_written && !number.read_as.is_empty() => Fate::Changed,
            _ => fate,
        });
        hits.extend(meeting.hit(&number, verdict, &sentence));
    }
    hits
}
