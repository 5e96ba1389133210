//! Findings, matrix and gaps out of comparisons. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::NAME;
use crate::checks::concluding::Key;
use crate::checks::seam::{Outcome, Shown};
use crate::contract::{Comparison, Difference, Place};
use crate::model::{CheckFacts, Direction, Evidence, Finding, Mark, MatrixRow, Pair, Status};

/// What comparisons came to.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Told {
    findings: BTreeMap<Key, Finding>,
    matrix: Vec<MatrixRow>,
    /// What clients can call.
    operations: Vec<String>,
    /// What could not be decided, of OLD's clients with NEW and of NEW's with OLD.
    gaps: Pair<Vec<String>>,
    notes: Vec<String>,
}

impl Told {
    /// Takes in what a comparison says.
    pub fn take(&mut self, comparison: &Comparison) {
        for difference in &comparison.differences {
            let key = key(difference);
            match self.findings.get_mut(&key) {
                Some(known) if known.severity >= difference.severity => known.count += 1,
                _ => {
                    self.findings.insert(key.clone(), finding(&key, difference));
                }
            }
        }
        for surface in &comparison.surfaces {
            if is_operation(&surface.subject) {
                self.operations.push(surface.subject.clone());
            }
            let mixed = |direction: Direction| {
                // Whoever has no such surface sends nothing there.
                let starts = *surface.known.get(direction.from);
                match comparison.mark(&surface.subject, direction) {
                    Mark::Ok if !starts => Mark::Unshown,
                    mark => mark,
                }
            };
            self.matrix.push(MatrixRow {
                subject: surface.subject.clone(),
                observations: 0,
                // A contract says nothing of how a build does with its own.
                old_old: Mark::Unshown,
                new_new: Mark::Unshown,
                old_new: mixed(Direction::OLD_TO_NEW),
                new_old: mixed(Direction::NEW_TO_OLD),
            });
        }
        for unknown in &comparison.unknown {
            let gap =
                format!("{}: {}: {}{}", unknown.place.subject, unknown.place.at, unknown.why, stands(&unknown.place));
            self.gaps.get_mut(unknown.place.direction.from).push(gap);
        }
        self.notes.extend(comparison.notes.iter().cloned());
    }

    /// What a check gives that told this.
    pub fn outcome(self) -> Outcome {
        let shown = [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD].map(|direction| {
            let marks = self.matrix.iter().map(|row| row.mixed(direction));
            let something = marks.into_iter().any(|mark| !matches!(mark, Mark::Unknown | Mark::Unshown));
            Shown { direction, something, gaps: self.gaps.get(direction.from).clone() }
        });
        let compared = self.matrix.len() as u64;
        Outcome {
            facts: Some(CheckFacts {
                name: NAME.to_owned(),
                status: Status::Ran,
                reason: None,
                observations: compared,
                faithful: None,
                compared: None,
                assets: 0,
                controls: Pair::new("unshown".to_owned(), "unshown".to_owned()),
            }),
            findings: self.findings.into_values().collect(),
            matrix: self.matrix,
            known: self.operations,
            shown: shown.into(),
            notes: self.notes,
            ..Outcome::default()
        }
    }
}

fn key(difference: &Difference) -> Key {
    let Place { subject, direction, at, .. } = &difference.place;
    Key { subject: subject.clone(), direction: *direction, rule: difference.rule.id.to_owned(), at: at.clone() }
}

fn finding(key: &Key, difference: &Difference) -> Finding {
    let mut evidence = Evidence::default();
    if let Some(shows) = &difference.counterexample {
        evidence.expected = shows.written.clone();
        evidence.got = shows.read.clone();
        if let Some(bytes) = &shows.bytes {
            evidence.request = serde_json::json!({ "bytes": bytes });
        }
    }
    let message = format!("{}{}", difference.message, stands(&difference.place));
    Finding { message, evidence, ..key.finding(NAME, difference.severity) }
}

/// Whether a surface is something that clients call: an HTTP operation, or a method. Others are what calls are made of.
fn is_operation(subject: &str) -> bool {
    const OTHERS: [&str; 5] = ["message ", "enum ", "schema ", "file ", "webhook "];
    !OTHERS.iter().any(|other| subject.starts_with(other))
}

/// Where it stands in both contracts, the one that writes first.
fn stands(place: &Place) -> String {
    let Place { direction, positions, .. } = place;
    let named = |side| positions.get(side).as_ref().map(|position| format!("{side} {position}"));
    let named: Vec<String> = [direction.from, direction.to].into_iter().filter_map(named).collect();
    if named.is_empty() { String::new() } else { format!(" ({})", named.join(", ")) }
}
