//! `[replay]`

use crate::manifest::node::Table;
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{Order, ReplaySpec};

pub(super) static REPLAY: Section = Section {
    name: "replay",
    doc: "How recordings are replayed.",
    keys: &[
        Key::defaulted(
            "order",
            Shape::Choice(&["recorded", "free"]),
            "\"recorded\"",
            "Whether the recorded order is kept over all sessions, or only within each.",
        ),
        Key::defaulted("timeout", Shape::Duration, "\"30s\"", "How long a reply may take."),
        Key::defaulted(
            "settle",
            Shape::Duration,
            "\"0ms\"",
            "Waited after each unsafe call, for builds that reload in the background.",
        ),
        Key::defaulted("skip", Shape::List(&Shape::Text), "[]", "Subjects that are not sent: `GET /metrics`."),
    ],
};

pub(super) fn read(table: &Table) -> Option<ReplaySpec> {
    Some(ReplaySpec {
        order: table.choice("order", &[("recorded", Order::Recorded), ("free", Order::Free)])?,
        timeout: table.duration("timeout")?,
        settle: table.duration("settle")?,
        skip: table.texts("skip"),
    })
}
