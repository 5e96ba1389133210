//! `[state.NAME]`: what both versions share in production.

use std::path::PathBuf;
use std::time::Duration;

use super::CommandSpec;

/// `[state.NAME]`: what both versions share in production.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Its name.
    pub name: String,
    /// `sqlite`, `directory`, `postgres`, `mysql`, `redis`.
    pub kind: StateKind,
    /// Whether two processes can use it at once.
    pub shared: bool,
    /// Where its server already runs; without it straddle starts one of its own, where the kind needs one.
    pub server: Option<StateServer>,
    /// What fills it.
    pub seed: Option<Seed>,
    /// `[state.NAME.migrate]`: in OLD's checkout, from an empty store to what OLD expects.
    pub migrate_old: Option<CommandSpec>,
    /// In NEW's checkout, from OLD's store to what NEW expects.
    pub migrate_new: Option<CommandSpec>,
    /// In NEW's checkout, back.
    pub migrate_down: Option<CommandSpec>,
    /// How long each of them may take.
    pub migrate_timeout: Duration,
}

/// A server that is given, for straddle to make databases of its own on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateServer {
    /// Where it is.
    pub url: ServerUrl,
    /// Whether a host other than loopback is meant.
    pub allow_remote: bool,
}

/// Where the URL of a given server stands.
#[derive(Clone, PartialEq, Eq)]
pub enum ServerUrl {
    /// In the manifest: `postgres://USER:PASSWORD@127.0.0.1:5432/DATABASE`.
    Text(String),
    /// In this environment variable.
    Env(String),
}

// A URL may hold a password, and nothing shows it.
impl std::fmt::Debug for ServerUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(_) => out.write_str("Text(…)"),
            Self::Env(name) => out.debug_tuple("Env").field(name).finish(),
        }
    }
}

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateKind {
    /// One SQLite file.
    Sqlite,
    /// A folder.
    Directory,
    /// A PostgreSQL database.
    Postgres,
    /// A MySQL database.
    Mysql,
    /// A Redis server.
    Redis,
}

/// What fills a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seed {
    /// A file of SQL.
    Sql(PathBuf),
    /// A command, run in the manifest's folder.
    Command(CommandSpec),
}

impl State {
    /// How long a migration may take where the manifest doesn't say.
    pub const MIGRATES_WITHIN: Duration = Duration::from_mins(10);
}

impl std::fmt::Display for Seed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(file) => write!(out, "{}", file.display()),
            Self::Command(command) => command.fmt(out),
        }
    }
}
