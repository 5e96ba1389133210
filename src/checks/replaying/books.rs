//! The books of a replay: the ledgers of all its recordings together, and what a reader wants to know of them.

use std::collections::{BTreeMap, BTreeSet};

use super::ledger::{Counts, Subject, not_sent};
use super::tally::Chapter;
use crate::model::{Coverage, Direction, Mark, MatrixRow, Severity, Side};

/// The ledgers of all recordings in all their directions.
#[derive(Debug, Default)]
pub(super) struct Books {
    subjects: BTreeMap<(String, Side), Subject>,
    /// What went wrong with each generation by itself.
    pub(super) troubles: BTreeMap<Side, BTreeSet<String>>,
    /// Why exchanges were not sent, with how many there are of each.
    unsent: BTreeMap<(Direction, String), u64>,
    pub(super) counts: Counts,
}

impl Books {
    pub(super) fn of(chapters: &[Chapter]) -> Self {
        let mut books = Self::default();
        for Chapter { direction, ledger, .. } in chapters {
            for (name, subject) in &ledger.subjects {
                books.subjects.entry((name.clone(), direction.from)).or_default().add(subject);
            }
            for (why, count) in &ledger.unsent {
                *books.unsent.entry((*direction, why.clone())).or_default() += count;
            }
            if !ledger.troubles.is_empty() {
                books.troubles.entry(direction.from).or_default().extend(ledger.troubles.iter().cloned());
            }
            books.counts.add(ledger.counts);
        }
        for Chapter { direction, ledger, .. } in chapters {
            for (plain, bound) in &ledger.unsent_subjects {
                // A surface that is known by its plain name already is no other one for not having been sent.
                let is_known = plain == bound || books.subjects.contains_key(&(plain.clone(), direction.from));
                let name = if is_known { plain } else { bound };
                books.subjects.entry((name.clone(), direction.from)).or_default();
            }
        }
        books
    }

    /// What was not sent in a direction.
    pub(super) fn unsent(&self, direction: Direction) -> Vec<String> {
        let unsent = self.unsent.iter().filter(|((of, _), _)| *of == direction);
        unsent.map(|((_, why), count)| format!("{} ({direction}): {why}", not_sent(*count))).collect()
    }

    /// The subjects that were tried in a direction and show nothing, each with its first reason.
    pub(super) fn silent(&self, direction: Direction) -> impl Iterator<Item = (&str, String)> {
        self.subjects
            .iter()
            .filter(move |((_, side), subject)| {
                *side == direction.from && subject.exchanges > 0 && subject.compared == 0
            })
            .map(|((name, _), subject)| {
                let reason = subject.reasons.keys().next().map_or("no exchange", String::as_str);
                (name.as_str(), reason.to_owned())
            })
    }

    /// The reasons why exchanges were not sent, each once.
    pub(super) fn cuts(&self) -> BTreeMap<&str, u64> {
        let mut cuts = BTreeMap::new();
        for ((_, why), count) in &self.unsent {
            *cuts.entry(why.as_str()).or_default() += count;
        }
        cuts
    }

    /// Whether anything was sent in a direction.
    pub(super) fn sent(&self, direction: Direction) -> bool {
        self.subjects.iter().any(|((_, side), subject)| *side == direction.from && subject.exchanges > 0)
    }

    /// Whether anything was compared in a direction.
    pub(super) fn something(&self, direction: Direction) -> bool {
        self.subjects.iter().any(|((_, side), subject)| *side == direction.from && subject.compared > 0)
    }

    /// Whether there was anything to try in a direction.
    pub(super) fn tried(&self, direction: Direction) -> bool {
        self.subjects.keys().any(|(_, side)| *side == direction.from)
    }

    /// The subjects that were tried, and those of them that show nothing in any direction.
    pub(super) fn coverage(&self) -> Coverage {
        let known: BTreeSet<&str> = self.subjects.keys().map(|(name, _)| name.as_str()).collect();
        let seen: BTreeSet<&str> =
            self.subjects.iter().filter(|(_, s)| s.compared > 0).map(|((name, _), _)| name.as_str()).collect();
        Coverage {
            seen: seen.len() as u64,
            known: known.len() as u64,
            missing: known.difference(&seen).map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Each subject in the four cells, given the worst that stands for each, and those of which something was seen that
    /// could not be confirmed.
    pub(super) fn matrix(
        &self,
        worst: &BTreeMap<(String, Direction), Severity>,
        unsure: &BTreeSet<(&str, Direction)>,
    ) -> Vec<MatrixRow> {
        let names: BTreeSet<&String> = self.subjects.keys().map(|(name, _)| name).collect();
        let row = |name: &String| {
            let subject = |side| self.subjects.get(&(name.clone(), side));
            let control = |side| match subject(side) {
                None => Mark::Unshown,
                Some(subject) if subject.control_trouble || subject.compared + subject.blocked == 0 => Mark::Unknown,
                Some(_) => Mark::Ok,
            };
            let mixed = |direction: Direction| match (subject(direction.from), worst.get(&(name.clone(), direction))) {
                (_, Some(severity)) => Mark::from(*severity),
                (None, None) => Mark::Unshown,
                (Some(subject), None) if subject.compared == 0 => Mark::Unknown,
                (Some(_), None) if unsure.contains(&(name.as_str(), direction)) => Mark::Unknown,
                (Some(_), None) => Mark::Ok,
            };
            MatrixRow {
                subject: name.clone(),
                observations: Side::BOTH.iter().filter_map(|side| subject(*side)).map(|s| s.exchanges).sum(),
                old_old: control(Side::Old),
                new_new: control(Side::New),
                old_new: mixed(Direction::OLD_TO_NEW),
                new_old: mixed(Direction::NEW_TO_OLD),
            }
        };
        names.into_iter().map(row).collect()
    }
}
