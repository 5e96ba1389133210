//! Checks: each asks one question of both builds, in both directions, and gives findings.
//!
//! The seam is [`Check`]. Checks don't import each other: what several of them need stands beside them here (`concluding`,
//! `conduct`, `declared`), or further down.

mod concluding;
mod conduct;
pub mod contracts;
mod declared;
pub mod generated;
mod readings;
pub mod replay;
mod replaying;
pub mod rollout;
mod seam;
pub mod sessions;
pub mod state;

use crate::model::Rule;
use crate::{compare, contract};

pub use readings::Readings;
pub use seam::{Check, CheckError, Deadline, Job, Only, Outcome, Part, Shard, Shown};

/// All rules, by which checks find: of replies, processes and stores, and of contracts.
pub fn rules() -> impl Iterator<Item = &'static Rule> + Clone {
    compare::rules::ALL.iter().copied().chain(generated::RULES).chain(contract::rules())
}

/// The names of all checks that there will be, in the order in which reports show them.
pub const NAMES: [&str; 9] =
    ["contracts", "replay", "generated", "assets", "sessions", "state", "messages", "rollout", "canary"];

/// The checks of this release.
pub fn all() -> Vec<Box<dyn Check>> {
    vec![
        Box::new(contracts::Contracts),
        Box::new(replay::Replay),
        Box::new(generated::Generated),
        Box::new(sessions::Sessions),
        Box::new(state::State),
        Box::new(rollout::Rollout),
    ]
}
