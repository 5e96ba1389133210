//! What checks gave becomes a run: answers, verdict, names. The same for one run and for the shards of one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::answers::Grounds;
use super::covered::covered;
use super::{Again, Plan, accept};
use crate::checks::{self, Outcome as CheckOutcome};
use crate::manifest::{Accept, Gate};
use crate::model::{
    BuildFacts, CheckFacts, Coverage, Direction, Ended, Finding, Mark, MatrixRow, Pair, Run, Shard, Side, Status,
    Unstable,
};

/// Ids are at least this long, in hexadecimal digits.
const SHORTEST_ID: usize = 8;

/// By what a run is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Terms {
    /// Today, `YYYY-MM-DD` in UTC.
    pub(super) today: String,
    pub(super) gate: Gate,
    pub(super) accept: Vec<Accept>,
    /// The manifest names state that both builds share in production.
    pub(super) has_state: bool,
    /// All of both builds was asked for, so that it may be said of an acceptance that nothing uses it.
    pub(super) is_whole: bool,
}

/// What a run is, beside what its checks gave.
#[derive(Debug)]
pub(super) struct Heading {
    pub(super) project: String,
    pub(super) seed: u64,
    pub(super) builds: Pair<BuildFacts>,
    pub(super) terms: Terms,
    pub(super) again: Again,
    /// Where the run is a part of one.
    pub(super) shard: Option<Shard>,
}

impl Terms {
    pub(super) fn of(plan: &Plan) -> Self {
        let Plan { manifest, options, .. } = plan;
        Self {
            today: options.today.clone(),
            gate: manifest.gate,
            accept: manifest.accept.clone(),
            has_state: !manifest.states.is_empty(),
            is_whole: options.reproduce.is_none() && options.self_side.is_none(),
        }
    }
}

impl Heading {
    /// The heading of a plan's run, whose builds turned out to be these.
    pub(super) fn of(plan: &Plan, builds: &Pair<BuildFacts>) -> Self {
        let played = |side: Side| builds.get(plan.options.self_side.unwrap_or(side)).clone();
        Self {
            project: plan.manifest.project.clone(),
            seed: plan.options.seed,
            builds: Pair::new(played(Side::Old), played(Side::New)),
            terms: Terms::of(plan),
            again: plan.options.again.clone(),
            shard: plan.shard.clone(),
        }
    }

    /// Says of a part how it ended.
    pub(super) fn ended(&mut self, ended: Ended) {
        if let Some(shard) = &mut self.shard {
            shard.ended = ended;
        }
    }
}

/// A check that did not come to anything.
pub(super) fn facts(name: &str, status: Status, reason: &str) -> CheckFacts {
    CheckFacts {
        name: name.to_owned(),
        status,
        reason: Some(reason.to_owned()),
        observations: 0,
        faithful: None,
        compared: None,
        assets: 0,
        controls: Pair::new("unshown".to_owned(), "unshown".to_owned()),
    }
}

/// What an earlier check has told is told once: by the check that shows the worse of it, with what shows it.
fn join(known: &mut Finding, mut other: Finding) {
    if other.severity > known.severity {
        std::mem::swap(known, &mut other);
    }
    known.count += other.count;
    for question in other.breaks {
        if !known.breaks.contains(&question) {
            known.breaks.push(question);
        }
    }
    known.breaks.sort_unstable();
    for name in other.checkpoints {
        if !known.checkpoints.contains(&name) {
            known.checkpoints.push(name);
        }
    }
}

/// What the checks gave, on its way to a run.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) facts: Vec<CheckFacts>,
    findings: Vec<Finding>,
    unstable: Vec<Unstable>,
    matrix: Vec<MatrixRow>,
    coverage: Coverage,
    /// The surfaces that coverage counts as exercised.
    exercised: BTreeSet<String>,
    notes: Vec<String>,
    outcomes: Vec<(String, CheckOutcome)>,
}

impl Books {
    /// Takes in what a check gave.
    pub(super) fn take(&mut self, name: &str, mut outcome: CheckOutcome) {
        self.facts.extend(outcome.facts.take());
        for finding in outcome.findings.drain(..) {
            match self.findings.iter_mut().find(|known| known.id == finding.id) {
                Some(known) => join(known, finding),
                None => self.findings.push(finding),
            }
        }
        self.unstable.append(&mut outcome.unstable);
        // Each check names the surfaces that it knows of by the same recordings: the widest view counts.
        if !outcome.known.is_empty() {
            self.cover(&outcome);
        } else if outcome.coverage.known > self.coverage.known {
            self.coverage = std::mem::take(&mut outcome.coverage);
            let names = outcome.matrix.iter().map(|row| row.subject.clone());
            self.exercised = names.filter(|name| !self.coverage.missing.contains(name)).collect();
        }
        for row in outcome.matrix.drain(..) {
            match self.matrix.iter_mut().find(|known| known.subject == row.subject) {
                Some(known) => known.add(&row),
                None => self.matrix.push(row),
            }
        }
        self.notes.append(&mut outcome.notes);
        self.outcomes.push((name.to_owned(), outcome));
    }

    /// Whether one of these checks showed something in a direction, and nothing was in the way of seeing what that subject does in it.
    fn looked(&self, checks: &[&str], subject: &str, direction: Direction) -> bool {
        let shown = |outcome: &CheckOutcome| outcome.shown.iter().any(|s| s.direction == direction && s.something);
        let row = self.matrix.iter().find(|row| row.subject == subject);
        self.outcomes.iter().any(|(name, outcome)| checks.contains(&name.as_str()) && shown(outcome))
            && row.is_none_or(|row| row.mixed(direction) != Mark::Unknown)
    }

    /// Closes them.
    pub(super) fn close(mut self, heading: Heading) -> Run {
        let Heading { project, seed, builds, terms, again, mut shard } = heading;
        let order = |name: &str| checks::NAMES.iter().position(|known| *known == name);
        self.facts.sort_by_key(|facts| order(&facts.name));
        self.judge_acceptances(&terms, shard.is_some());
        name_findings(&mut self.findings, &again);
        self.know_of_contracts();
        let grounds = Grounds {
            gate: &terms.gate,
            findings: &self.findings,
            unstable: &self.unstable,
            checks: &self.facts,
            outcomes: &self.outcomes,
            coverage: &self.coverage,
            has_state: terms.has_state,
        };
        let answers = grounds.answers();
        let verdict = grounds.verdict(&answers);
        if !grounds.is_covered() {
            self.notes.push(format!(
                "{} of {} known operations were exercised; the gate asks for a share of {}",
                self.coverage.seen, self.coverage.known, terms.gate.coverage
            ));
        }
        if let Some(shard) = &mut shard {
            self.notes.push(format!(
                "this is shard {} of {}, which looks at a part of the sessions: `straddle merge` joins all {} into the report of the whole run",
                shard.part, shard.of, shard.of
            ));
            for (name, outcome) in &mut self.outcomes {
                shard.books.extend(outcome.books.take().map(|books| (name.clone(), books)));
            }
        }
        let fail_on = terms.gate.fail_on;
        let mut checkpoints = Vec::new();
        for (check, outcome) in &mut self.outcomes {
            let stops = std::mem::take(&mut outcome.stops).into_iter();
            checkpoints.extend(stops.map(|stop| stop.decide(check, &self.findings, fail_on)));
        }
        Run {
            format: Run::FORMAT.to_owned(),
            major: Run::MAJOR,
            minor: Run::MINOR,
            project,
            seed,
            old: builds.old,
            new: builds.new,
            verdict,
            answers,
            checks: self.facts,
            matrix: self.matrix,
            findings: self.findings,
            unstable: self.unstable,
            coverage: self.coverage,
            notes: self.notes,
            checkpoints,
            shard,
        }
    }

    /// Adds what was exercised of what contracts know: there, surfaces have the contracts' own names.
    fn cover(&mut self, outcome: &CheckOutcome) {
        let missing = &outcome.coverage.missing;
        let tried = outcome.coverage.known > 0;
        let seen = outcome.matrix.iter().map(|row| &row.subject).filter(|name| tried && !missing.contains(name));
        for name in seen {
            if self.exercised.insert(name.clone()) {
                let before = self.coverage.missing.len();
                self.coverage.missing.retain(|known| known != name);
                self.coverage.known += u64::from(before == self.coverage.missing.len());
                self.coverage.seen += 1;
            }
        }
        for name in missing {
            if !self.exercised.contains(name) && !self.coverage.missing.contains(name) {
                self.coverage.known += 1;
                self.coverage.missing.push(name.clone());
            }
        }
    }

    /// What contracts know of counts as known, where anything was tried at all.
    fn know_of_contracts(&mut self) {
        if self.coverage.known == 0 {
            return;
        }
        let named: BTreeSet<&str> =
            self.outcomes.iter().flat_map(|(_, outcome)| &outcome.known).map(String::as_str).collect();
        if !named.is_empty() {
            self.coverage = covered(&self.coverage, &self.exercised, &named);
        }
    }

    fn judge_acceptances(&mut self, terms: &Terms, is_shard: bool) {
        accept::apply(&mut self.findings, &terms.accept, &terms.today);
        if !terms.is_whole {
            return;
        }
        let ran = |check: &&str| self.facts.iter().any(|facts| facts.name == **check && facts.status == Status::Ran);
        let looked = |accept: &Accept| {
            let checks = tellers(&accept.rule);
            // Another shard may see what this one doesn't.
            !is_shard
                && checks.first().is_some_and(ran)
                && accept.directions().iter().all(|direction| self.looked(checks, &accept.subject, *direction))
        };
        let more = accept::about(&terms.accept, &self.findings, &terms.today, looked);
        self.findings.extend(more);
    }
}

/// The checks that find by a rule; where the first did not run, nobody can say that there is no such break.
fn tellers(rule: &str) -> &'static [&'static str] {
    match rule.split('/').next().unwrap_or_default() {
        "http" | "process" | "grpc" => &["replay", "generated", "sessions", "state", "rollout"],
        "generated" => &["generated"],
        "openapi" | "schema" | "protobuf" => &["contracts"],
        // Sessions find these too, and a store that both share is what `state` is for.
        "state" => &["state", "sessions", "rollout"],
        "rollout" => &["rollout"],
        _ => &[],
    }
}

/// Sorts findings, and shortens their ids to what keeps them apart.
fn name_findings(findings: &mut [Finding], again: &Again) {
    findings.sort_by(|a, b| {
        (b.severity, &a.subject, a.direction, &a.rule, &a.at).cmp(&(
            a.severity,
            &b.subject,
            b.direction,
            &b.rule,
            &b.at,
        ))
    });
    let ids: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
    for (index, finding) in findings.iter_mut().enumerate() {
        let shared = |length: usize| {
            ids.iter().enumerate().any(|(other, id)| other != index && id.get(..length) == ids[index].get(..length))
        };
        let length = (SHORTEST_ID..ids[index].len()).find(|length| !shared(*length)).unwrap_or(ids[index].len());
        finding.id.truncate(length);
        finding.reproduce = again.command(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::{Books, CheckOutcome, Heading, Terms, facts, join, tellers};
    use crate::checks::{self, Shown};
    use crate::engine::Again;
    use crate::manifest::{Accept, Gate};
    use crate::model::{BuildFacts, Direction, Evidence, Finding, Pair, Question, Severity, Status};

    fn finding(check: &str, severity: Severity, breaks: &[Question], checkpoints: &[&str]) -> Finding {
        Finding {
            id: "3f9c1a20".to_owned(),
            rule: "http/value-changed".to_owned(),
            check: check.to_owned(),
            severity,
            subject: "GET /orders".to_owned(),
            direction: Direction::NEW_TO_OLD,
            at: "$.total".to_owned(),
            count: 2,
            breaks: breaks.to_vec(),
            message: format!("as {check} sees it"),
            evidence: Evidence { got: check.into(), ..Evidence::default() },
            replay: None,
            reproduce: String::new(),
            accepted: None,
            story: Vec::new(),
            checkpoints: checkpoints.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[track_caller]
    fn is_told_by(first: Severity, second: Severity, expected: &str, checkpoints: [&str; 2]) {
        let mut known = finding("state", first, &[Question::RollBack], &["C5"]);
        join(&mut known, finding("rollout", second, &[Question::Coexist, Question::RollBack], &["1 of 2 new", "C5"]));
        assert_eq!(known.severity, first.max(second));
        assert_eq!((known.check.as_str(), known.message), (expected, format!("as {expected} sees it")));
        assert_eq!((known.count, known.evidence.got), (4, expected.into()));
        assert_eq!(known.breaks, [Question::Coexist, Question::RollBack]);
        assert_eq!(known.checkpoints, checkpoints);
    }

    #[test]
    fn a_finding_of_two_checks_is_told_by_the_one_that_shows_the_worse_of_it_and_loses_nothing() {
        is_told_by(Severity::Risk, Severity::Breaking, "rollout", ["1 of 2 new", "C5"]);
        is_told_by(Severity::Breaking, Severity::Risk, "state", ["C5", "1 of 2 new"]);
        is_told_by(Severity::Risk, Severity::Risk, "state", ["C5", "1 of 2 new"]);
    }

    fn accepted(rule: &str) -> Accept {
        Accept {
            rule: rule.to_owned(),
            subject: "GET /orders".to_owned(),
            at: "$.total".to_owned(),
            direction: Some(Direction::NEW_TO_OLD),
            reason: "nobody calls it".to_owned(),
            expires: "2030-01-01".to_owned(),
            line: 7,
        }
    }

    /// The rules that a run has findings of, in which that check came to that, with something to show in that direction.
    fn found(accept: Accept, check: &str, status: Status, shown: Direction, finds: Option<Finding>) -> Vec<String> {
        let mut books = Books::default();
        let shown = vec![Shown { direction: shown, something: true, gaps: Vec::new() }];
        let facts = Some(facts(check, status, ""));
        let findings = finds.into_iter().collect();
        books.take(check, CheckOutcome { facts, findings, shown, ..CheckOutcome::default() });
        let terms = Terms {
            today: "2026-01-01".to_owned(),
            gate: Gate::default(),
            accept: vec![accept],
            has_state: false,
            is_whole: true,
        };
        let builds = Pair::new(BuildFacts::default(), BuildFacts::default());
        let again = Again::Same(String::new());
        let run = books.close(Heading { project: "shop".to_owned(), seed: 0, builds, terms, again, shard: None });
        run.findings.into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn an_acceptance_that_nothing_uses_is_told_by_whatever_check_would_have_used_it() {
        let unused = ["accept/unused"];
        for (rule, check) in [
            ("http/value-changed", "replay"),
            ("grpc/status-changed", "replay"),
            ("openapi/operation-missing", "contracts"),
            ("schema/enum-narrowed", "contracts"),
            ("protobuf/type-changed", "contracts"),
            ("state/data-lost", "state"),
            ("rollout/dropped", "rollout"),
        ] {
            let (shown, other) = (Direction::NEW_TO_OLD, Direction::OLD_TO_NEW);
            assert_eq!(found(accepted(rule), check, Status::Ran, shown, None), unused, "{rule}");
            for (check, status, direction) in
                [(check, Status::Failed, shown), (check, Status::Ran, other), ("sessions", Status::Ran, shown)]
            {
                assert_eq!(
                    found(accepted(rule), check, status, direction, None),
                    [""; 0],
                    "{rule}: {check} {status:?}"
                );
            }
            let mut used = finding(check, Severity::Breaking, &[], &[]);
            rule.clone_into(&mut used.rule);
            assert_eq!(found(accepted(rule), check, Status::Ran, shown, Some(used)), [rule]);
        }
    }

    #[test]
    fn every_rule_but_those_of_acceptances_has_a_check_that_finds_by_it() {
        for rule in checks::rules().filter(|rule| !rule.id.starts_with("accept/")) {
            assert!(!tellers(rule.id).is_empty(), "{}", rule.id);
        }
    }
}
