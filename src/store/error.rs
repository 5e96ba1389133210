//! What can go wrong with a store. Each error names the state, the place, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use super::PostgresError;
use crate::manifest::StateKind;
use crate::process::ProcessError;

/// Why a store could not be made, filled, copied or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The kind is not in this release.
    #[error("a store of kind `{}` is not in this release: use `sqlite`, `postgres` or `directory`", word(*kind))]
    Unavailable {
        /// What was asked for.
        kind: StateKind,
    },
    /// A statement of a seed failed.
    #[error("{}:{line}: {message}, in the statement `{statement}`", file.display())]
    Statement {
        /// The seed.
        file: PathBuf,
        /// The line of the error, from 1.
        line: usize,
        /// What the database says.
        message: String,
        /// The statement, shortened.
        statement: String,
    },
    /// A store that has no SQL was given a file of it.
    #[error("{}: a directory can't run SQL: make `seed` a command that writes into `{{state.NAME.path}}`", file.display())]
    NoSql {
        /// The seed.
        file: PathBuf,
    },
    /// A migrate or seed command failed.
    #[error("`{step}` of state `{state}` failed, {why}: `{command}`{}", tail(lines))]
    Command {
        /// The state.
        state: String,
        /// `seed`, `migrate.old`, `migrate.new`.
        step: &'static str,
        /// How it ended.
        why: String,
        /// The command as it was run.
        command: String,
        /// Its last lines.
        lines: Vec<String>,
    },
    /// A migration has no checkout to run in.
    #[error(
        "`migrate.{side}` of state `{state}` runs in a checkout of the {side} build, and that is a `url`: give the build as `path` or `git`"
    )]
    NoCheckout {
        /// The state.
        state: String,
        /// The side.
        side: crate::model::Side,
    },
    /// A placeholder of a command has no value here.
    #[error("`{step}` of state `{state}`: {message}")]
    Placeholder {
        /// The state.
        state: String,
        /// `seed`, `migrate.old`, `migrate.new`.
        step: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// A folder holds what can't be copied.
    #[error("{}: {what} can't be copied: a store of kind `directory` holds files, folders and links", path.display())]
    Special {
        /// Where.
        path: PathBuf,
        /// `a socket`, `a named pipe`, `a device`.
        what: &'static str,
    },
    /// Another process holds a lock on it.
    #[error("{}: locked by another process for more than {seconds} s: does it open the database exclusively?", path.display())]
    Locked {
        /// The database.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// PostgreSQL refused, or is not there.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// SQLite refused.
    #[error("{}: {error}", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What it says.
        error: rusqlite::Error,
    },
    /// The file system refused.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// What was tried: `cannot write`.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A command could not be run, or didn't end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Work on files was cut off.
    #[error("work on the store in {} was cut off: run it again", path.display())]
    CutOff {
        /// Where.
        path: PathBuf,
    },
}

impl StoreError {
    pub(super) fn io<'a>(doing: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Self + 'a {
        move |error| Self::Io { doing, path: path.to_owned(), error }
    }

    pub(super) fn sqlite(path: &Path) -> impl Fn(rusqlite::Error) -> Self + '_ {
        move |error| Self::Sqlite { path: path.to_owned(), error }
    }
}

/// The word that the manifest uses for a kind.
fn word(kind: StateKind) -> &'static str {
    match kind {
        StateKind::Sqlite => "sqlite",
        StateKind::Directory => "directory",
        StateKind::Postgres => "postgres",
        StateKind::Mysql => "mysql",
        StateKind::Redis => "redis",
    }
}

fn tail(lines: &[String]) -> String {
    if lines.is_empty() { "; it printed nothing".to_owned() } else { format!("\n  {}", lines.join("\n  ")) }
}
