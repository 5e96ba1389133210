//! How all changes to a pair came out: counted by kind, with what was missed by name. The main type is [`Tally`].

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, Kind};
use super::survey::{Candidate, Survey};
use super::verdict::Outcome;

/// Found and missed, outside masks and inside them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Found outside masks.
    pub found: usize,
    /// Missed outside masks.
    pub missed: usize,
    /// Found inside masks.
    pub masked_found: usize,
    /// Missed inside masks.
    pub masked_missed: usize,
}

/// A pair's account.
#[derive(Debug, Default)]
pub struct Tally {
    /// Its name.
    pub pair: String,
    /// By kind.
    pub kinds: BTreeMap<Kind, Count>,
    /// How many were found by which severity.
    pub severities: BTreeMap<String, usize>,
    /// What was missed, one a line.
    pub missed: Vec<String>,
    /// Places of which no change is found, whatever its kind.
    pub dead: BTreeSet<String>,
    /// Changes that a finding at another place tells.
    pub elsewhere: usize,
    /// Structural changes inside masks that were missed.
    pub structural_missed: usize,
    /// Changes that make no difference by definition, by why.
    pub equal: BTreeMap<&'static str, usize>,
    /// Leaves, and those of them that are noise.
    pub leaves: (u64, u64),
    /// The share that straddle compares.
    pub compared: Option<f64>,
    /// How many changes there could be.
    pub possible: usize,
    /// Runs of straddle, and of them those of one change.
    pub runs: (usize, usize),
    /// Changes that were found together with others and again alone, and those that weren't found again.
    pub verified: (usize, usize),
}

impl Tally {
    /// Takes in how a pair's changes came out.
    pub fn of(pair: &str, survey: &Survey, outcomes: &[(Candidate, Outcome)]) -> Self {
        let mut tally = Self {
            pair: pair.to_owned(),
            equal: survey.equal.clone(),
            leaves: survey.leaves,
            compared: survey.compared,
            possible: survey.candidates.len(),
            ..Self::default()
        };
        for (candidate, outcome) in outcomes {
            let count = tally.kinds.entry(candidate.change.kind).or_default();
            match (outcome, candidate.masked) {
                (Outcome::Found { severity, where_else, .. }, masked) => {
                    *(if masked { &mut count.masked_found } else { &mut count.found }) += 1;
                    *tally.severities.entry(severity.clone()).or_default() += 1;
                    tally.elsewhere += usize::from(where_else.is_some());
                }
                (_, masked) => {
                    *(if masked { &mut count.masked_missed } else { &mut count.missed }) += 1;
                    tally.structural_missed += usize::from(masked && candidate.change.kind.is_structural());
                    let seen = if *outcome == Outcome::Unstable { ", seen but not in every run" } else { "" };
                    let inside = if masked { ", inside a mask" } else { "" };
                    tally.missed.push(format!("{}{inside}{seen}", told(&candidate.change)));
                }
            }
        }
        tally.missed.sort();
        tally
    }

    /// All kinds together.
    pub fn total(&self) -> Count {
        self.kinds.values().fold(Count::default(), |all, count| Count {
            found: all.found + count.found,
            missed: all.missed + count.missed,
            masked_found: all.masked_found + count.masked_found,
            masked_missed: all.masked_missed + count.masked_missed,
        })
    }

    /// How many of a hundred changes outside masks were found.
    pub fn share(&self) -> f64 {
        let total = self.total();
        percent(total.found, total.found + total.missed)
    }

    /// How many of a hundred leaves straddle compares neither by value nor by shape.
    pub fn masked(&self) -> f64 {
        100.0 - self.compared.unwrap_or(0.0) * 100.0
    }

    /// How many of a hundred leaves are noise, whatever straddle makes of them.
    pub fn noise(&self) -> f64 {
        let small = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        if self.leaves.0 == 0 { 0.0 } else { percent(small(self.leaves.1), small(self.leaves.0)) }
    }
}

/// One change of each place of which none was found.
pub fn silent<'c>(outcomes: &[(&'c Candidate, &Outcome)]) -> Vec<&'c Candidate> {
    let found = outcomes.iter().filter(|(_, outcome)| outcome.is_found());
    let mut known: BTreeSet<String> = found.map(|(candidate, _)| name(&candidate.change)).collect();
    let all = outcomes.iter().map(|(candidate, _)| *candidate);
    all.filter(|candidate| known.insert(name(&candidate.change))).collect()
}

/// The place that a change is made to.
pub fn name(change: &Change) -> String {
    format!("{} {}", change.route, change.place)
}

/// One change in words.
pub fn told(change: &Change) -> String {
    let whose = if change.fails { " (errors)" } else { "" };
    let row = if change.one_row { ", last row only" } else { "" };
    format!("{} of `{}`{whose} at `{}`{row}", change.kind, change.route, change.place)
}

/// In hundredths; of nothing, all.
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 100.0;
    }
    let tenths = u32::try_from(part.saturating_mul(1000) / whole).unwrap_or(1000);
    f64::from(tenths) / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::place::Place;
    use crate::mutate::route::Route;

    #[test]
    fn what_is_found_and_what_is_missed_is_counted_by_kind_and_mask() {
        let of = |kind: Kind, name: &str, masked: bool| {
            let route = Route::read("GET /a");
            let change =
                Change { route, fails: false, place: Place::Header(name.to_owned()), kind, salt: 0, one_row: false };
            Candidate { change, variant: 1, masked, used: false }
        };
        let found = || Outcome::Found { severity: "info".to_owned(), rule: String::new(), where_else: None };
        let tally = Tally::of(
            "a",
            &Survey::default(),
            &[
                (of(Kind::HeaderDropped, "x", false), found()),
                (of(Kind::Value, "x", true), Outcome::Missed),
                (of(Kind::Format, "y", true), Outcome::Missed),
                (of(Kind::HeaderDropped, "z", false), Outcome::Unstable),
            ],
        );
        assert_eq!(tally.total(), Count { found: 1, missed: 1, masked_found: 0, masked_missed: 2 });
        assert_eq!((tally.share(), tally.structural_missed), (50.0, 1));
        assert_eq!(tally.missed[1], "header dropped of `GET /a` at `header z`, seen but not in every run");
    }

    #[test]
    fn places_where_nothing_is_found_are_named_once() {
        let of = |kind: Kind, name: &str| {
            let place = Place::Header(name.to_owned());
            let change = Change { route: Route::read("GET /a"), fails: false, place, kind, salt: 0, one_row: false };
            Candidate { change, variant: 1, masked: false, used: false }
        };
        let all = [of(Kind::Value, "x"), of(Kind::HeaderDropped, "x"), of(Kind::Value, "y"), of(Kind::Format, "y")];
        let found = Outcome::Found { severity: String::new(), rule: String::new(), where_else: None };
        let missed = Outcome::Missed;
        let outcomes = [(&all[0], &missed), (&all[1], &found), (&all[2], &missed), (&all[3], &missed)];
        assert_eq!(silent(&outcomes).iter().map(|c| name(&c.change)).collect::<Vec<_>>(), ["GET /a header y"]);
    }
}
