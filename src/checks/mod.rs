//! Checks: each asks one question of both builds, in both directions, and gives findings.
//!
//! The seam is [`Check`]. Checks don't import each other: what several of them need stands beside them here (`concluding`,
//! `conduct`, `declared`), or further down.

mod concluding;
mod conduct;
mod declared;
pub mod replay;
pub mod rollout;
mod seam;
pub mod sessions;
pub mod state;

pub use seam::{Check, CheckError, Deadline, Job, Only, Outcome, Part, Shard, Shown};

/// The names of all checks that there will be, in the order in which reports show them.
pub const NAMES: [&str; 9] =
    ["contracts", "replay", "generated", "assets", "sessions", "state", "messages", "rollout", "canary"];

/// The checks of this release.
pub fn all() -> Vec<Box<dyn Check>> {
    vec![Box::new(replay::Replay), Box::new(sessions::Sessions), Box::new(state::State), Box::new(rollout::Rollout)]
}
