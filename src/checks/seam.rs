//! The seam between the engine and a check.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Readings;
use super::contracts::Promised;
use crate::contract::ContractError;
use crate::fleet::{Bench, FleetError};
use crate::manifest::Manifest;
use crate::model::secret::Secrets;
use crate::model::{CheckFacts, Coverage, Direction, Events, Finding, MatrixRow, Question, Stop, StoryStep, Unstable};
use crate::traffic::{Recording, TrafficError};
use crate::wire::Protocol;

/// A check: what it would do, and doing it.
#[async_trait::async_trait]
pub trait Check: Send + Sync {
    /// The name that `--only` takes.
    fn name(&self) -> &'static str;

    /// What this check would do with the manifest; none where the manifest gives it nothing.
    /// `secrets` are those that are there to be sent.
    fn plan(&self, manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError>;

    /// What of its plan the seed decides, step by step.
    fn seeded(&self, _manifest: &Manifest, _part: &Part, _seed: u64) -> Result<Vec<String>, CheckError> {
        Ok(Vec::new())
    }

    /// Why it has nothing to look at, where it can say more than that.
    fn unfit(&self, _manifest: &Manifest) -> Option<String> {
        None
    }

    /// Does it.
    async fn run(&self, job: &Job<'_>) -> Result<Outcome, CheckError>;

    /// What one run would have given of which these are the shards' books, in the order of the shards.
    fn join(&self, books: Vec<serde_json::Value>) -> Result<Outcome, serde_json::Error>;
}

/// A check's part of the plan, in words for a person and nothing left to guess.
#[derive(Debug, Clone)]
pub struct Part {
    /// The check's name.
    pub check: String,
    /// What it will do, step by step.
    pub steps: Vec<String>,
    /// The manifest's recordings, opened and read through once, in its order: what is wrong with them has been said.
    pub recordings: Vec<Recording>,
}

/// All that a check is handed.
pub struct Job<'a> {
    /// What was asked for.
    pub manifest: &'a Manifest,
    /// The check's own part of the plan.
    pub part: &'a Part,
    /// What the contracts say that clients are prepared for.
    pub promised: &'a Promised,
    /// Where arrangements are stood up.
    pub bench: &'a Bench,
    /// How calls are sent.
    pub protocol: Arc<dyn Protocol>,
    /// By what messages of remote procedures are read.
    pub readings: &'a Readings,
    /// Where events go.
    pub events: &'a Events,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// Sessions at the same time where their order is free.
    pub jobs: usize,
    /// What fills the placeholders of redacted recordings.
    pub secrets: Arc<Secrets>,
    /// Give every binding its cell's own value.
    pub force_bindings: bool,
    /// Look at one recording, direction and session only: for showing one finding again.
    pub only: Option<Only>,
    /// Judge a part of the sessions only.
    pub shard: Option<Shard>,
    /// When to stop, and say so.
    pub deadline: Option<Deadline>,
}

/// A part of the sessions: the same ones on every machine, whatever order they are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub part: u32,
    /// Of how many.
    pub of: u32,
}

impl Shard {
    /// Whether a session belongs to this part: each belongs to one.
    pub fn has(self, digest: &str, session: u64) -> bool {
        let mut hasher = blake3::Hasher::new();
        hasher.update(digest.as_bytes()).update(&session.to_le_bytes());
        let hash = hasher.finalize();
        let (first, _) = hash.as_bytes().split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        u64::from_le_bytes(*first) % u64::from(self.of.max(1)) == u64::from(self.part.saturating_sub(1))
    }
}

/// When a run's budget has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// How much time there was.
    pub budget: Duration,
    /// When it ends.
    pub ends: Instant,
}

impl Deadline {
    /// Why nothing more may be done, where that is so.
    pub fn passed(&self) -> Option<String> {
        (Instant::now() >= self.ends).then(|| format!("the budget of {:?} cut the run short", self.budget))
    }
}

/// What a finding needs to be shown again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Only {
    /// The recording's name.
    pub recording: String,
    /// The mixed direction.
    pub direction: Direction,
    /// The session; none where the whole recording is needed.
    pub session: Option<u64>,
    /// Who answered which of its calls, where that shows it.
    pub story: Vec<StoryStep>,
}

impl Only {
    /// Whether that recording in that direction is needed.
    pub fn takes(&self, recording: &str, direction: Direction) -> bool {
        self.recording == recording && self.direction == direction
    }
}

/// What a check gives.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What it did; none before the engine fills it in.
    pub facts: Option<CheckFacts>,
    /// What stands.
    pub findings: Vec<Finding>,
    /// What came and went.
    pub unstable: Vec<Unstable>,
    /// Subjects in the four cells.
    pub matrix: Vec<MatrixRow>,
    /// How much was exercised.
    pub coverage: Coverage,
    /// Operations that there are, whether or not anybody used them.
    pub known: Vec<String>,
    /// For each mixed direction what was shown and what wasn't.
    pub shown: Vec<Shown>,
    /// What had to be shown for one question alone and could not be, with its reason. It leaves that answer open.
    pub gaps: Vec<(Question, String)>,
    /// What an answer does not say, with its reason, and need not: it leaves none open.
    pub asides: Vec<(Question, String)>,
    /// Its part of the release checklist.
    pub stops: Vec<Stop>,
    /// What a person must know first.
    pub notes: Vec<String>,
    /// What it wrote down, where it looked at a part only: for [`Check::join`].
    pub books: Option<serde_json::Value>,
    /// What ended it before its time. All else is what it had shown by then, and stands.
    pub trouble: Option<CheckError>,
}

/// What a check showed in one mixed direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The direction.
    pub direction: Direction,
    /// Something was compared.
    pub something: bool,
    /// What had to be shown and could not be, with its reason. Any such makes the answer inconclusive.
    pub gaps: Vec<String>,
}

/// Why a check could not do its job.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A build or a store did not come up.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// A recording can't be read.
    #[error(transparent)]
    Traffic(#[from] TrafficError),
    /// A contract can't be read, or is none.
    #[error(transparent)]
    Contract(#[from] ContractError),
}

#[cfg(test)]
mod tests {
    use super::Shard;

    #[test]
    fn each_session_belongs_to_one_shard_and_no_shard_gets_all() {
        let of = 8;
        let mut sizes = [0; 8];
        for session in 0..1000 {
            let its: Vec<u32> = (1..=of).filter(|part| Shard { part: *part, of }.has("digest", session)).collect();
            assert_eq!(its.len(), 1, "session {session} is in {its:?}");
            sizes[its[0] as usize - 1] += 1;
        }
        assert!(sizes.iter().all(|size| (80..170).contains(size)), "{sizes:?}");
    }
}
