//! What was found, with evidence enough to believe it and to see it again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Direction, Question, Severity, Side};

/// One incompatibility: a rule broken at one place of one subject in one direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Fingerprint of rule, subject, direction and `at`: the same from run to run.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// The check that found it.
    pub check: String,
    /// How bad it is.
    pub severity: Severity,
    /// The surface: `GET /orders/{}`, `process shop`.
    pub subject: String,
    /// Who starts, who takes it up.
    pub direction: Direction,
    /// Where: `status`, `header etag`, `$.items[].id`.
    pub at: String,
    /// How many exchanges show it.
    pub count: u64,
    /// The questions that it answers with no.
    pub breaks: Vec<Question>,
    /// One sentence for a person.
    pub message: String,
    /// Both documents.
    pub evidence: Evidence,
    /// The recorded exchange that shows it; none where no recording is behind it.
    pub replay: Option<Replay>,
    /// The command that shows it again.
    pub reproduce: String,
    /// The acceptance that covers it.
    pub accepted: Option<Accepted>,
    /// Who answered which call, where it takes more than one to show it; the last is the one that fails. Since 1.2.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub story: Vec<StoryStep>,
    /// The checkpoints of the release at which it was seen. Since 1.3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkpoints: Vec<String>,
}

/// One call of a story: `GET /cart@old`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoryStep {
    /// The surface.
    pub call: String,
    /// Whose instance answered it.
    pub side: Side,
    /// The exchange's number in the recording.
    pub exchange: u64,
}

/// A story as people read it: `POST /login@new → GET /cart@old`.
pub fn told(story: &[StoryStep]) -> String {
    let steps: Vec<String> = story.iter().map(|step| format!("{}@{}", step.call, step.side)).collect();
    steps.join(" → ")
}

/// Enough to believe a finding.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What the control gave at that place.
    pub expected: Value,
    /// What the mixed cell gave there.
    pub got: Value,
    /// The call.
    pub request: Value,
    /// The control's reply.
    pub expected_reply: Value,
    /// The mixed cell's reply.
    pub reply: Value,
}

/// Where in which recording.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replay {
    /// The recording's name, relative to the manifest.
    pub recording: String,
    /// Its digest (BLAKE3, hex).
    pub digest: String,
    /// The session's number in it.
    pub session: u64,
    /// The exchange's number in it.
    pub exchange: u64,
}

/// A break that was decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    /// Why.
    pub reason: String,
    /// Until when, `YYYY-MM-DD`.
    pub expires: String,
}

/// The full fingerprint of a finding, in hex; reports show as much of it as keeps ids apart.
pub fn fingerprint(rule: &str, subject: &str, direction: Direction, at: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [rule, subject, &direction.to_string(), at] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().to_string()
}
