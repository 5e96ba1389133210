//! Checkpoints: where a release stands, and whether it is safe to go on from there, and to go back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, Question, Severity, Verdict};

/// One line of the release checklist. Since 1.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checkpoint {
    /// What findings name it by: `C2`, `C7 down`.
    pub name: String,
    /// The check that looked.
    pub check: String,
    /// Who serves there, on what.
    pub title: String,
    /// Replies that were compared there.
    pub observations: u64,
    /// Whether the release may go on from there.
    pub go_on: Safe,
    /// Whether it may go back from there.
    pub go_back: Safe,
}

/// Whether a step of a release is safe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Safe {
    /// Yes, no, or not shown.
    pub verdict: Verdict,
    /// The ids of the findings that say no.
    pub findings: Vec<String>,
    /// What was not shown, and why.
    pub unshown: Vec<String>,
}

/// A checkpoint as a check gives it: what it saw there, before it is known which findings count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// See [`Checkpoint`].
    pub name: String,
    /// Who serves there, on what.
    pub title: String,
    /// Replies that were compared there.
    pub observations: u64,
    /// What going on rests on.
    pub on: Ground,
    /// What going back rests on.
    pub back: Ground,
}

/// What a step of a release rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ground {
    /// Findings that break one of these questions…
    pub questions: Vec<Question>,
    /// …and were seen at one of these checkpoints.
    pub seen_at: Vec<String>,
    /// What was not shown, and why.
    pub unshown: Vec<String>,
}

impl Stop {
    /// The line of the checklist, where findings of that severity count unless they are accepted.
    pub fn decide(self, check: &str, findings: &[Finding], fail_on: Severity) -> Checkpoint {
        let Self { name, title, observations, on, back } = self;
        let (go_on, go_back) = (on.decide(findings, fail_on), back.decide(findings, fail_on));
        Checkpoint { name, check: check.to_owned(), title, observations, go_on, go_back }
    }
}

impl Ground {
    fn decide(self, findings: &[Finding], fail_on: Severity) -> Safe {
        let counts = |finding: &&Finding| {
            finding.severity >= fail_on
                && finding.accepted.is_none()
                && finding.breaks.iter().any(|question| self.questions.contains(question))
                && finding.checkpoints.iter().any(|name| self.seen_at.contains(name))
        };
        let findings: Vec<String> = findings.iter().filter(counts).map(|finding| finding.id.clone()).collect();
        let verdict = match (findings.is_empty(), self.unshown.is_empty()) {
            (false, _) => Verdict::Incompatible,
            (true, true) => Verdict::Compatible,
            (true, false) => Verdict::Inconclusive,
        };
        Safe { verdict, findings, unshown: self.unshown }
    }
}
