//! `protobuf/enum-value-renamed`: an enum value has another name.

use crate::contract::protobuf::enums::EnumMeeting;
use crate::contract::protobuf::exchange::Wire;
use crate::contract::protobuf::hit::Hit;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/enum-value-renamed",
    severity: Severity::Breaking,
    summary: "An enum value has another name",
    explanation: "JSON goes by names: a reader that has another name for the number refuses the message, or drops the value where it ignores what it does not know. The binary encoding is not affected.",
    remedy: "Keep the old name as an alias: `option allow_alias = true;`, both names with the same number. Writers use the one that stands first.",
};

/// Looks at one enum.
pub fn check(meeting: &EnumMeeting<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    if !meeting.context.exchange.wires().contains(&Wire::Json) {
        return hits;
    }
    for number in meeting.numbers() {
        let is_renamed =
            !number.read_as.is_empty() && !number.moved && !number.read_as.iter().any(|name| name == number.name());
        if !is_renamed {
            continue;
        }
        let read_as = number.read_as.first().map_or("", String::as_str);
        let sentence =
            format!("number {} is `{}` to the writer and `{read_as}` to the reader", number.value, number.name());
        let verdict = meeting.try_number(number.value, |fate, _, _| fate);
        let hit = meeting.hit(&number, verdict, &sentence);
        // Both have the value, and it never arrives.
        let is_shown = |hit: &Hit| hit.shown.is_some();
        hits.extend(
            hit.map(|hit| Hit { severity: if is_shown(&hit) { Severity::Breaking } else { hit.severity }, ..hit }),
        );
    }
    hits
}
