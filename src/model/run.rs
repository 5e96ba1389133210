//! What happened: the report, as one value. Its JSON form is public and changes only by addition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Checkpoint, Finding, Pair, Question, Severity, Shard};

/// One run of straddle. Everything that a report says is in here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// Always `straddle-report`.
    pub format: String,
    /// Grows when a reader of the former version would misread this one.
    pub major: u32,
    /// Grows with every addition.
    pub minor: u32,
    /// The project's name.
    pub project: String,
    /// The seed of everything that was drawn.
    pub seed: u64,
    /// The build that serves today.
    pub old: BuildFacts,
    /// The build that is to replace it.
    pub new: BuildFacts,
    /// What all of it comes to.
    pub verdict: Verdict,
    /// The three answers.
    pub answers: Answers,
    /// What ran, and what didn't, and why.
    pub checks: Vec<CheckFacts>,
    /// Each subject in the four cells.
    pub matrix: Vec<MatrixRow>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Candidates that came and went when they were tried again.
    pub unstable: Vec<Unstable>,
    /// How much of what is known was exercised.
    pub coverage: Coverage,
    /// What a person must know besides: a stale recording, an unused acceptance.
    pub notes: Vec<String>,
    /// The release checklist: checkpoint by checkpoint, whether it is safe to go on and to go back. Since 1.3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<Checkpoint>,
    /// Where this is a part of a run: which, and what it takes to join it with the others. Since 1.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
}

impl Run {
    /// What stands in `format`.
    pub const FORMAT: &str = "straddle-report";
    /// The major version that this release writes and reads.
    pub const MAJOR: u32 = 1;
    /// The minor version that this release writes.
    pub const MINOR: u32 = 3;
}

/// Which build that was.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct BuildFacts {
    /// What a person calls it.
    pub label: String,
    /// The commit, where there is one.
    pub commit: Option<String>,
    /// Whether the tree held changes that no commit has.
    pub dirty: bool,
}

/// What all of it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Looked at, and fine.
    Compatible,
    /// Something breaks that the gate fails on.
    Incompatible,
    /// Nothing broke, but something that had to be shown could not be.
    Inconclusive,
}

/// One answer and what it stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// Yes, no, or not shown.
    pub verdict: Verdict,
    /// The ids of the findings that say no.
    pub findings: Vec<String>,
    /// The checks that looked.
    pub rests_on: Vec<String>,
    /// What was not shown, and why.
    pub unshown: Vec<String>,
}

/// The three answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answers {
    /// Can we roll forward?
    pub roll_forward: Answer,
    /// Can both serve at once?
    pub coexist: Answer,
    /// Can we roll back?
    pub roll_back: Answer,
}

impl Answers {
    /// The answer to a question.
    pub fn get(&self, question: Question) -> &Answer {
        match question {
            Question::RollForward => &self.roll_forward,
            Question::Coexist => &self.coexist,
            Question::RollBack => &self.roll_back,
        }
    }
}

/// How far a check came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It ran to its end.
    Ran,
    /// The command line left it out, or the manifest gives it nothing.
    Skipped,
    /// The manifest asks for it and this release doesn't have it.
    Unavailable,
    /// It could not do its job.
    Failed,
}

/// What a check did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CheckFacts {
    /// The name that `--only` takes.
    pub name: String,
    /// How far it came.
    pub status: Status,
    /// Why it did not run to its end.
    pub reason: Option<String>,
    /// Exchanges whose cells were compared, all directions together.
    pub observations: u64,
    /// The share of exchanges whose control still agrees with its recording, 0 to 1; none where nothing was recorded.
    pub faithful: Option<f64>,
    /// The share of leaves of faithful control replies that were compared by value or shape, 0 to 1.
    pub compared: Option<f64>,
    /// Sub-resources that were sent and left to the check of assets.
    pub assets: u64,
    /// How each generation did with its own.
    pub controls: Pair<String>,
}

/// How a subject fares in one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Looked at, nothing found.
    Ok,
    /// Something worth knowing.
    Info,
    /// A risk.
    Risk,
    /// A break.
    Breaking,
    /// Tried, and nothing can be said: stale, unstable, or nearly all noise.
    Unknown,
    /// Nothing was there to send.
    Unshown,
}

impl From<Severity> for Mark {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Risk => Self::Risk,
            Severity::Breaking => Self::Breaking,
        }
    }
}

/// One subject in the four cells, `from_to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixRow {
    /// The surface.
    pub subject: String,
    /// Exchanges.
    pub observations: u64,
    /// Control.
    pub old_old: Mark,
    /// Control.
    pub new_new: Mark,
    /// Old clients, new server.
    pub old_new: Mark,
    /// New clients, old server.
    pub new_old: Mark,
}

impl Mark {
    /// What two checks say of one cell: what was found outweighs that nothing was, and that outweighs what was not shown.
    fn with(self, other: Self) -> Self {
        let weight = |mark: Self| match mark {
            Self::Breaking => 5,
            Self::Risk => 4,
            Self::Info => 3,
            Self::Ok => 2,
            Self::Unknown => 1,
            Self::Unshown => 0,
        };
        if weight(other) > weight(self) { other } else { self }
    }
}

impl MatrixRow {
    /// Takes in what another check says of the same subject.
    pub fn add(&mut self, other: &Self) {
        self.observations += other.observations;
        self.old_old = self.old_old.with(other.old_old);
        self.new_new = self.new_new.with(other.new_new);
        self.old_new = self.old_new.with(other.old_new);
        self.new_old = self.new_old.with(other.new_old);
    }

    /// How it fares in the mixed cell of that direction.
    pub fn mixed(&self, direction: super::Direction) -> Mark {
        if direction == super::Direction::OLD_TO_NEW { self.old_new } else { self.new_old }
    }
}

/// A candidate that did not stand when its session was run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unstable {
    /// The rule's id.
    pub rule: String,
    /// The surface.
    pub subject: String,
    /// Who starts, who takes it up.
    pub direction: super::Direction,
    /// Where.
    pub at: String,
    /// How bad it would be; what is only worth knowing makes no answer inconclusive.
    pub severity: Severity,
    /// What was seen how often.
    pub reason: String,
}

/// How much of what is known was exercised.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Operations that were exercised.
    pub seen: u64,
    /// Operations that are known.
    pub known: u64,
    /// Those that were not exercised.
    pub missing: Vec<String>,
}
