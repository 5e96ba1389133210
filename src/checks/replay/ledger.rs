//! The books of a replay: what each subject gave in each cell, and each candidate once, however often it was seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::{Found, Judgement, Standing, subject};
use crate::model::{At, Direction, Exchange, Mark, MatrixRow, Replay, Severity, Side};

/// What tells one finding from another: rule, subject, direction and place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) subject: String,
    pub(super) direction: Direction,
    pub(super) rule: &'static str,
    pub(super) at: String,
}

/// Something that a rule said, before and after it was tried again.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) severity: Severity,
    pub(super) message: String,
    /// How many exchanges show it.
    pub(super) count: u64,
    /// The first of them: where one is noise by chance, another may show it still.
    pub(super) shown: Vec<Replay>,
}

/// As many exchanges of a candidate are tried again.
const MOST_SHOWN: usize = 3;

/// All that is written down while recordings are replayed.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    subjects: BTreeMap<(String, Side), Subject>,
    pub(super) leaves: u64,
    pub(super) compared: u64,
    /// Exchanges whose control was held against a recording, and those that agreed with it.
    pub(super) held: u64,
    pub(super) faithful: u64,
    pub(super) observations: u64,
    pub(super) assets: u64,
    /// Recordings without replies.
    pub(super) unrecorded: u64,
    /// What went wrong with each generation by itself.
    pub(super) troubles: BTreeMap<Side, BTreeSet<String>>,
    /// Why exchanges were not sent, with how many there are of each.
    unsent: BTreeMap<(Direction, String), u64>,
}

/// A subject as the clients of one generation saw it.
#[derive(Debug, Default)]
struct Subject {
    exchanges: u64,
    compared: u64,
    /// Exchanges whose control answered as it should, and whose mixed cell was not asked.
    blocked: u64,
    /// Why exchanges show nothing, with how many there are of each.
    reasons: BTreeMap<String, u64>,
    control_trouble: bool,
}

impl Ledger {
    /// Writes down how an exchange came out, candidates apart.
    pub(super) fn note(&mut self, subject: &str, direction: Direction, judgement: &Judgement) {
        if judgement.standing == Standing::Asset {
            self.assets += 1;
            return;
        }
        let entry = self.subjects.entry((subject.to_owned(), direction.from)).or_default();
        entry.exchanges += 1;
        let mut reason = |text: &str| *entry.reasons.entry(text.to_owned()).or_default() += 1;
        match &judgement.standing {
            Standing::Compared { recorded } => {
                entry.compared += 1;
                self.observations += 1;
                if *recorded {
                    self.held += 1;
                    self.faithful += 1;
                } else {
                    self.unrecorded += 1;
                }
            }
            Standing::Stale(how) => {
                self.held += 1;
                reason(&format!("the control has left its recording: {how}"));
            }
            Standing::ControlTrouble(how) => {
                entry.control_trouble = true;
                reason(how);
                self.troubles.entry(direction.from).or_default().insert(format!("{subject}: {how}"));
            }
            Standing::Blocked => {
                entry.blocked += 1;
                reason("blocked by a finding of an earlier exchange");
            }
            Standing::NotSent(why) => reason(&format!("not sent: {why}")),
            Standing::MostlyNoise => {
                self.held += 1;
                self.faithful += 1;
                reason("nearly all of the reply is noise");
            }
            Standing::Asset => {}
        }
        self.leaves += judgement.leaves;
        self.compared += judgement.compared;
    }

    /// Writes down an exchange that was not sent any more.
    pub(super) fn note_unsent(&mut self, exchange: &Exchange, direction: Direction, why: &str) {
        *self.unsent.entry((direction, why.to_owned())).or_default() += 1;
        // What its segments are bound to was not made, so whether it would have been made anew is a guess, unless the
        // surface is known by its plain name already.
        let is_bound = |segment| {
            let at = At::Segment(segment);
            exchange.bindings.iter().any(|binding| binding.at.within.is_empty() && binding.at.at == at)
        };
        let plain = (subject(&exchange.call, |_| false), direction.from);
        let key = if self.subjects.contains_key(&plain) { plain } else { (subject(&exchange.call, is_bound), plain.1) };
        self.subjects.entry(key).or_default();
    }

    /// What was not sent in a direction; then the subjects that were tried and show nothing, each with its first reason.
    pub(super) fn gaps(&self, direction: Direction) -> Vec<String> {
        let unsent = self
            .unsent
            .iter()
            .filter(|((of, _), _)| *of == direction)
            .map(|((_, why), count)| format!("{} ({direction}): {why}", not_sent(*count)));
        let silent = self
            .subjects
            .iter()
            .filter(|((_, side), subject)| *side == direction.from && subject.exchanges > 0 && subject.compared == 0)
            .map(|((name, _), subject)| {
                let reason = subject.reasons.keys().next().map_or("no exchange", String::as_str);
                format!("{name} ({direction}): {reason}")
            });
        unsent.chain(silent).collect()
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
    pub(super) fn coverage(&self) -> crate::model::Coverage {
        let known: BTreeSet<&str> = self.subjects.keys().map(|(name, _)| name.as_str()).collect();
        let seen: BTreeSet<&str> =
            self.subjects.iter().filter(|(_, s)| s.compared > 0).map(|((name, _), _)| name.as_str()).collect();
        crate::model::Coverage {
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

/// So many exchanges were not sent.
pub(super) fn not_sent(count: u64) -> String {
    if count == 1 { "1 exchange was not sent".to_owned() } else { format!("{count} exchanges were not sent") }
}

impl Candidate {
    /// What a rule said of the first exchange that shows it.
    pub(super) fn new(found: Found, replay: Replay) -> Self {
        Self { severity: found.severity, message: found.message, count: 1, shown: vec![replay] }
    }

    /// One more exchange shows it; the worst that it says counts, and the first exchanges that say so are tried again.
    pub(super) fn again(&mut self, found: Found, replay: Replay) {
        self.count += 1;
        if found.severity > self.severity {
            *self = Self { count: self.count, ..Self::new(found, replay) };
        } else if found.severity == self.severity {
            // Sessions side by side end in any order; which exchanges are shown must not hang on that.
            let at = self.shown.partition_point(|known| known.exchange < replay.exchange);
            self.shown.insert(at, replay);
            self.shown.truncate(MOST_SHOWN);
        }
    }
}
