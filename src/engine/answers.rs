//! The three answers, and the verdict that they come to.

use crate::checks::Outcome;
use crate::manifest::Gate;
use crate::model::{
    AnswerTo, Answers, CheckFacts, Coverage, Direction, Finding, Question, Severity, Status, Unstable, Verdict,
};

/// What the answers are made of.
pub(super) struct Grounds<'a> {
    pub(super) gate: &'a Gate,
    pub(super) findings: &'a [Finding],
    pub(super) unstable: &'a [Unstable],
    pub(super) checks: &'a [CheckFacts],
    /// What each check that ran showed, with its name.
    pub(super) outcomes: &'a [(String, Outcome)],
    pub(super) coverage: &'a Coverage,
    /// The manifest names state that both builds share in production.
    pub(super) has_state: bool,
}

impl Grounds<'_> {
    /// The three answers.
    pub(super) fn answers(&self) -> Answers {
        Answers {
            roll_forward: self.answer(Question::RollForward),
            coexist: self.answer(Question::Coexist),
            roll_back: self.answer(Question::RollBack),
        }
    }

    fn answer(&self, question: Question) -> AnswerTo {
        let findings: Vec<String> = self
            .findings
            .iter()
            .filter(|finding| finding.severity >= self.gate.fail_on && finding.accepted.is_none())
            .filter(|finding| finding.breaks.contains(&question))
            .map(|finding| finding.id.clone())
            .collect();
        let concerns = |direction: Direction| question.directions().contains(&direction);
        let mut gaps = Vec::new();
        for check in self.checks {
            match check.status {
                Status::Unavailable => gaps.push(format!("{}: not in this release", check.name)),
                Status::Failed => {
                    let reason = check.reason.as_deref().unwrap_or("it did not run to its end");
                    gaps.push(format!("{}: {reason}", check.name));
                }
                Status::Ran | Status::Skipped => {}
            }
        }
        for shown in self.outcomes.iter().flat_map(|(_, outcome)| &outcome.shown).filter(|s| concerns(s.direction)) {
            gaps.extend(shown.gaps.iter().cloned());
            if !shown.something && shown.gaps.is_empty() {
                gaps.push(format!("nothing was shown of {}", shown.direction));
            }
        }
        let of_this = self.outcomes.iter().flat_map(|(_, outcome)| &outcome.gaps).filter(|(of, _)| *of == question);
        gaps.extend(of_this.map(|(_, gap)| gap.clone()));
        let unsteady = self
            .unstable
            .iter()
            .filter(|unstable| unstable.severity > Severity::Info && concerns(unstable.direction))
            .count();
        if unsteady > 0 {
            gaps.push(format!("{unsteady} candidate{} could not be confirmed", if unsteady == 1 { "" } else { "s" }));
        }
        let rests_on: Vec<String> = self
            .outcomes
            .iter()
            .filter(|(_, outcome)| outcome.shown.iter().any(|shown| concerns(shown.direction) && shown.something))
            .map(|(name, _)| name.clone())
            .collect();
        if rests_on.is_empty() && gaps.is_empty() {
            gaps.push("no check looked".to_owned());
        }
        let verdict = if !findings.is_empty() {
            Verdict::Incompatible
        } else if gaps.is_empty() {
            Verdict::Compatible
        } else {
            Verdict::Inconclusive
        };
        // Side by side is half of it: until both have stood on one store, this claims the protocol only.
        let aside = self.outcomes.iter().flat_map(|(_, outcome)| &outcome.asides).filter(|(of, _)| *of == question);
        gaps.extend(aside.map(|(_, aside)| aside.clone()));
        let ran = |check: &str| self.outcomes.iter().any(|(name, _)| name == check);
        if question == Question::Coexist {
            if !ran("sessions") && !ran("state") && !ran("rollout") {
                gaps.push("no check of shared state ran".to_owned());
            }
        } else if self.has_state && !ran("state") {
            gaps.push("what the other build leaves in the store was not read: no check of stored data ran".to_owned());
        }
        AnswerTo { verdict, findings, rests_on, unshown: gaps }
    }

    /// What the answers come to.
    pub(super) fn verdict(&self, answers: &Answers) -> Verdict {
        let verdicts = Question::ALL.map(|question| answers.get(question).verdict);
        if verdicts.contains(&Verdict::Incompatible) {
            Verdict::Incompatible
        } else if verdicts.contains(&Verdict::Inconclusive) || !self.is_covered() {
            Verdict::Inconclusive
        } else {
            Verdict::Compatible
        }
    }

    /// Whether as much of what is known was exercised as the gate asks for.
    pub(super) fn is_covered(&self) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "counts of operations are far below 2^53")]
        let share = if self.coverage.known == 0 { 0.0 } else { self.coverage.seen as f64 / self.coverage.known as f64 };
        self.gate.coverage <= 0.0 || share >= self.gate.coverage
    }
}

#[cfg(test)]
mod tests {
    use super::{Coverage, Direction, Gate, Grounds, Outcome, Severity, Unstable, Verdict};
    use crate::checks::Shown;

    #[track_caller]
    fn check(severity: Severity, expected: Verdict) {
        let direction = Direction::OLD_TO_NEW;
        let shown = vec![Shown { direction, something: true, gaps: Vec::new() }];
        let unstable = Unstable {
            rule: "http/field-added".to_owned(),
            subject: "GET /a".to_owned(),
            direction,
            at: "$.b".to_owned(),
            severity,
            reason: String::new(),
        };
        let grounds = Grounds {
            gate: &Gate::default(),
            findings: &[],
            unstable: &[unstable],
            checks: &[],
            outcomes: &[("replay".to_owned(), Outcome { shown, ..Outcome::default() })],
            coverage: &Coverage::default(),
            has_state: false,
        };
        assert_eq!(grounds.answers().roll_forward.verdict, expected, "{severity}");
    }

    #[test]
    fn only_what_would_count_leaves_an_answer_open_when_it_comes_and_goes() {
        check(Severity::Info, Verdict::Compatible);
        check(Severity::Risk, Verdict::Inconclusive);
        check(Severity::Breaking, Verdict::Inconclusive);
    }
}
