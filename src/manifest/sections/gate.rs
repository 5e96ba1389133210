//! `[gate]`

use crate::manifest::Gate;
use crate::manifest::node::Table;
use crate::manifest::shape::{Key, Section, Shape};
use crate::model::Severity;

pub(super) static GATE: Section = Section {
    name: "gate",
    doc: "What fails the run.",
    keys: &[
        Key::defaulted(
            "fail_on",
            Shape::Choice(&["breaking", "risk"]),
            "\"breaking\"",
            "The severity from which a finding says no.",
        ),
        Key::defaulted(
            "inconclusive",
            Shape::Choice(&["fail", "warn"]),
            "\"fail\"",
            "Whether what could not be shown fails the run (exit 4) or not (exit 0).",
        ),
        Key::defaulted("coverage", Shape::Share, "0.0", "The share of known operations that must have been exercised."),
    ],
};

pub(super) fn read(table: &Table) -> Option<Gate> {
    Some(Gate {
        fail_on: table.choice("fail_on", &[("breaking", Severity::Breaking), ("risk", Severity::Risk)])?,
        inconclusive_fails: table.choice("inconclusive", &[("fail", true), ("warn", false)])?,
        coverage: table.share("coverage")?,
    })
}
