//! What a message loses on its way through the other side, which reads it and writes it again by its own descriptors.

use serde::{Deserialize, Serialize};

use super::NAME;
use crate::checks::concluding::Key;
use crate::generate::calls::{Calls, Case};
use crate::model::{Direction, Evidence, Finding, Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "generated/round-trip-lost",
    severity: Severity::Risk,
    summary: "what one side wrote does not come back whole from the other",
    explanation: "One side wrote a message; the other read it by its own descriptors and wrote it again, as it does with what it stores, forwards or gives back; and the first read that. A value is missing or is another one. During a rollout such messages go back and forth between both versions, each time losing it. Where the other side never writes again what it has read, nothing comes of it. A field that the other side doesn't know is kept, as protobuf's own libraries keep it.",
    remedy: "Give a changed field a new number and keep the old one until no old version is left; add members to a oneof instead of moving fields into it.",
};

/// Values that are lost, by where, with the first message that shows it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Losses(Vec<Loss>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Loss {
    key: Key,
    count: u64,
    /// The whole message.
    written: String,
    before: Option<String>,
    after: Option<String>,
}

impl Losses {
    /// Sends what a case says through the other side's descriptors and back.
    pub(super) fn take(&mut self, case: &Case, calls: &Calls, other: &Calls, direction: Direction) {
        for (written, lost) in calls.lost(other, case) {
            let key =
                Key { subject: case.surface().to_owned(), direction, rule: RULE.id.to_owned(), at: general(&lost.at) };
            match self.0.iter_mut().find(|known| known.key == key) {
                Some(known) => known.count += 1,
                None => self.0.push(Loss { key, count: 1, written, before: lost.before, after: lost.after }),
            }
        }
    }

    /// What several shards have: all of them have looked at all of it.
    pub(super) fn join(all: Vec<Self>) -> Self {
        all.into_iter().next().unwrap_or_default()
    }

    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> + '_ {
        self.0.iter().map(|loss| {
            let said = |value: &Option<String>| value.as_deref().map_or_else(|| "nothing".to_owned(), str::to_owned);
            let Direction { from, to } = loss.key.direction;
            let evidence = Evidence {
                expected: said(&loss.before).into(),
                got: said(&loss.after).into(),
                request: loss.written.clone().into(),
                ..Evidence::default()
            };
            Finding {
                count: loss.count,
                message: format!(
                    "{from} wrote {}, and after {to} has read the message and written it again it is {}",
                    said(&loss.before),
                    said(&loss.after)
                ),
                evidence,
                ..loss.key.finding(NAME, RULE.severity)
            }
        })
    }
}

/// A place as findings have it: of items and keys it says no more than that they are some.
fn general(at: &str) -> String {
    let mut out = "$".to_owned();
    let mut depth = 0_u32;
    let mut is_extension = false;
    for (number, c) in at.chars().enumerate() {
        match c {
            '[' if depth == 0 => {
                depth = 1;
                // An extension stands where a name would.
                is_extension = number == 0 || out.ends_with('.');
                if number == 0 {
                    out.push('.');
                }
                out.push('[');
            }
            ']' if depth == 1 => {
                depth = 0;
                out.push(']');
            }
            c if depth == 0 => {
                if number == 0 {
                    out.push('.');
                }
                out.push(c);
            }
            c if is_extension => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::general;

    #[test]
    fn a_place_says_nothing_of_which_item_it_was() {
        for (at, expected) in [
            ("price", "$.price"),
            ("items[2].price", "$.items[].price"),
            ("labels[\"a\"].x", "$.labels[].x"),
            ("[shop.extension]", "$.[shop.extension]"),
            ("a.#9", "$.a.#9"),
        ] {
            assert_eq!(general(at), expected);
        }
    }
}
