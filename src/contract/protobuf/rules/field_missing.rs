//! `protobuf/field-missing`: the reader knows a field that nobody writes.

use crate::contract::protobuf::hit::{Hit, Shown};
use crate::contract::protobuf::meaning::Fate;
use crate::contract::protobuf::meeting::Meeting;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/field-missing",
    severity: Severity::Risk,
    summary: "The reader knows a field that is never written",
    explanation: "It reads the default each time. That is as it should be for a new field that readers got first: info. Where the writer has reserved the number or the name, the field was taken away from readers that still look at it: a risk. A required field is told by protobuf/required-missing.",
    remedy: "Before taking a field out, make sure that no reader needs it any more; then reserve its number and its name.",
};

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    let orphans = meeting.readable.iter().filter(|field| !field.is_required && !meeting.is_taken(field));
    orphans
        .map(|field| {
            let is_reserved = meeting.writer_reserves(field);
            let reader = meeting.reader.full_name();
            let shown = meeting.wires().first().filter(|_| is_reserved).and_then(|wire| meeting.try_smallest(*wire));
            let (severity, message) = if is_reserved {
                (
                    Severity::Risk,
                    format!(
                        "`{}` of `{reader}` is read as unset: the writer has taken it out and reserved it",
                        field.name
                    ),
                )
            } else {
                (Severity::Info, format!("`{}` of `{reader}` is never written: it is read as unset", field.name))
            };
            Hit {
                severity,
                at: field.at(),
                message,
                shown: shown.map(|sent| Shown { sent, fate: Fate::Lost }),
                positions: meeting.positions(None, Some(field)),
            }
        })
        .collect()
}
