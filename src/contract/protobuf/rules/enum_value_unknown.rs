//! `protobuf/enum-value-unknown`: an enum value is written that the reader does not know.

use crate::contract::protobuf::enums::EnumMeeting;
use crate::contract::protobuf::hit::Hit;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/enum-value-unknown",
    severity: Severity::Breaking,
    summary: "An enum value is written that the reader does not know",
    explanation: "In binary a reader of an open enum (proto3) sees a number without a name, which its code seldom handles; one of a closed enum (proto2) takes the field for unset, and refuses the message if the field is required. In JSON the name is refused, or dropped by readers that ignore what they do not know.",
    remedy: "Let all readers know a value before any writer uses it, and let them handle numbers that they do not know.",
};

/// Looks at one enum.
pub fn check(meeting: &EnumMeeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for number in meeting.numbers().into_iter().filter(|number| number.read_as.is_empty() && !number.moved) {
        let sentence = format!(
            "`{}` may be written, which the reader of `{}` does not know",
            number.name(),
            meeting.reader.full_name()
        );
        let verdict = meeting.try_number(number.value, |fate, _, _| fate);
        hits.extend(meeting.hit(&number, verdict, &sentence));
    }
    hits
}
