//! Which changes share a run. Only such as can't be taken for each other, and can't reach each other: they stand at places of
//! which none lies in another, and none stands where a value leads that another changes.
//! The main type is [`Batch`].

use std::collections::BTreeSet;

use super::change::{Change, Kind};
use super::place::Place;
use super::survey::{Candidate, Survey};
use super::verdict::related;

/// Changes that share a run.
#[derive(Debug, Default)]
pub struct Batch<'c> {
    /// They.
    pub candidates: Vec<&'c Candidate>,
    /// Operations that a changed value reaches, by all their names.
    reached: BTreeSet<&'c str>,
}

/// So many changes of one operation share a run.
const MOST_OF_ONE: usize = 12;

/// Runs, each with the changes in it.
pub fn batches<'c>(survey: &'c Survey, chosen: &'c [Candidate]) -> Vec<Batch<'c>> {
    let mut batches: Vec<Batch<'c>> = Vec::new();
    // Those that need a run of their own first, so that the others may ride along.
    for candidate in chosen.iter().filter(|c| c.used).chain(chosen.iter().filter(|c| !c.used)) {
        if let Some(batch) = batches.iter_mut().find(|batch| batch.takes(survey, candidate)) {
            batch.add(survey, candidate);
        } else {
            let mut batch = Batch::default();
            batch.add(survey, candidate);
            batches.push(batch);
        }
    }
    batches
}

impl<'c> Batch<'c> {
    /// One change by itself.
    pub fn alone(candidate: &'c Candidate) -> Self {
        Self { candidates: vec![candidate], reached: BTreeSet::new() }
    }

    /// Whether this is the only change to its operation: then whatever is found there is of its making.
    pub fn is_only_one(&self, survey: &Survey, candidate: &Candidate) -> bool {
        let names = &survey.names[&candidate.change.route];
        self.candidates.iter().filter(|other| !survey.names[&other.change.route].is_disjoint(names)).count() == 1
    }

    fn add(&mut self, survey: &'c Survey, candidate: &'c Candidate) {
        if candidate.used {
            self.reached.extend(survey.reached(&candidate.change.route));
        }
        self.candidates.push(candidate);
    }

    fn takes(&self, survey: &Survey, candidate: &Candidate) -> bool {
        let names = &survey.names[&candidate.change.route];
        if names.iter().any(|name| self.reached.contains(name.as_str())) {
            return false;
        }
        if candidate.used {
            let reached = survey.reached(&candidate.change.route);
            let own = |other: &&Candidate| !survey.names[&other.change.route].is_disjoint(names);
            let leads_to = |other: &&Candidate| {
                survey.names[&other.change.route].iter().any(|name| reached.contains(name.as_str()))
            };
            // Two of one operation would reach the same calls.
            if self.candidates.iter().any(|other| leads_to(other) || other.used && own(other)) {
                return false;
            }
        }
        let same: Vec<&Change> = self
            .candidates
            .iter()
            .map(|other| &other.change)
            .filter(|other| !survey.names[&other.route].is_disjoint(names))
            .collect();
        let (own, place) = (&candidate.change, candidate.change.place.to_string());
        same.is_empty()
            || same.len() < MOST_OF_ONE
                && is_small(own)
                && same.iter().all(|other| is_small(other) && !related(&place, &other.place.to_string()))
    }
}

/// Whether the change leaves the rest of the reply to be compared as it was.
fn is_small(change: &Change) -> bool {
    let is_root = matches!(&change.place, Place::Body(steps) if steps.is_empty());
    !is_root && !matches!(change.kind, Kind::Status | Kind::ContentType)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutate::route::Route;

    fn of(route: &str, place: Place, kind: Kind, used: bool) -> Candidate {
        let change = Change { route: Route::read(route), fails: false, place, kind, salt: 0, one_row: false };
        Candidate { change, variant: 1, masked: false, used }
    }

    fn check(chosen: &[Candidate], expected: &[&[usize]]) {
        let mut survey = Survey::default();
        for (route, name) in [
            ("GET /a", "GET /a"),
            ("GET /b", "GET /b"),
            ("GET /b/{}", "GET /b"),
            ("GET /c", "GET /c"),
            ("GET /d", "GET /d"),
        ] {
            survey.names.insert(Route::read(route), [name.to_owned()].into());
        }
        survey.reaches.insert(Route::read("GET /c"), [Route::read("GET /d")].into());
        survey.reaches.insert(Route::read("GET /d"), [Route::read("GET /a")].into());
        let batches = batches(&survey, chosen);
        let numbers: Vec<Vec<usize>> = batches
            .iter()
            .map(|batch| {
                let number = |c: &&Candidate| chosen.iter().position(|known| std::ptr::eq(known, *c)).unwrap_or(99);
                batch.candidates.iter().map(number).collect()
            })
            .collect();
        assert_eq!(numbers, expected);
    }

    fn header(name: &str) -> Place {
        Place::Header(name.to_owned())
    }

    #[test]
    fn what_could_be_mixed_up_runs_apart() {
        check(
            &[
                of("GET /a", Place::Status, Kind::Status, false),
                of("GET /a", header("x"), Kind::HeaderDropped, false),
                of("GET /b", Place::Status, Kind::Status, false),
                of("GET /b/{}", header("x"), Kind::HeaderDropped, false),
            ],
            &[&[0, 2], &[1, 3]],
        );
    }

    #[test]
    fn places_of_one_operation_that_have_nothing_to_do_with_each_other_share_a_run() {
        let body = |name: &str| Place::Body(vec![crate::mutate::place::Step::Field(name.to_owned())]);
        check(
            &[
                of("GET /a", header("x"), Kind::HeaderDropped, false),
                of("GET /a", header("x"), Kind::Value, false),
                of("GET /a", body("y"), Kind::Null, false),
                of("GET /a", Place::Body(Vec::new()), Kind::Null, false),
            ],
            &[&[0, 2], &[1], &[3]],
        );
    }

    #[test]
    fn nothing_is_changed_where_a_changed_value_leads() {
        check(
            &[
                of("GET /a", header("x"), Kind::Value, false),
                of("GET /b", header("x"), Kind::Value, false),
                of("GET /c", header("x"), Kind::Value, true),
                of("GET /d", header("x"), Kind::Value, true),
                of("GET /b", header("y"), Kind::Value, true),
            ],
            &[&[2, 4, 1], &[3], &[0]],
        );
    }
}
