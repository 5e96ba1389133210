//! The commands that take stores from one schema to another, and how one of them failed.

use crate::manifest::{CommandSpec, State};
use crate::model::Side;

use super::StoreError;

/// A way for stores to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    /// `migrate.old`: from nothing to what OLD expects.
    Old,
    /// `migrate.new`: from there to what NEW expects.
    New,
    /// `migrate.down`: back.
    Down,
}

/// A command that did not do what it was there for. That is no trouble of straddle's: a check may have been looking for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationFailed {
    /// The state.
    pub state: String,
    /// `seed`, `migrate.old`, `migrate.new`, `migrate.down`.
    pub step: &'static str,
    /// How it ended.
    pub why: String,
    /// The command as it was run.
    pub command: String,
    /// Its last lines.
    pub lines: Vec<String>,
}

impl Migration {
    pub(super) fn command(self, state: &State) -> Option<&CommandSpec> {
        match self {
            Self::Old => state.migrate_old.as_ref(),
            Self::New => state.migrate_new.as_ref(),
            Self::Down => state.migrate_down.as_ref(),
        }
    }

    /// In whose checkout it runs.
    pub(super) fn side(self) -> Side {
        if self == Self::Old { Side::Old } else { Side::New }
    }

    pub(super) fn step(self) -> &'static str {
        match self {
            Self::Old => "migrate.old",
            Self::New => "migrate.new",
            Self::Down => "migrate.down",
        }
    }
}

impl From<MigrationFailed> for StoreError {
    fn from(failed: MigrationFailed) -> Self {
        let MigrationFailed { state, step, why, command, lines } = failed;
        Self::Command { state, step, why, command, lines }
    }
}
