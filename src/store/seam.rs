//! The seam: what a kind of shared state must be able to do, and where one store of it is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::StoreError;
use super::data::Comparison;
use super::directory::Directory;
use super::sqlite::Sqlite;
use crate::manifest::StateKind;

/// Where one store is: what `{state.NAME.path}` and `{state.NAME.url}` are filled with.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    /// SQLite's file, the folder itself, or the folder with the sockets of a database's server.
    pub path: PathBuf,
    /// How a client of that kind names it: `sqlite://PATH`, `file://PATH`, `postgres://…`.
    pub url: String,
    /// Texts by which it shows in messages, besides its path, and what each is of it: `url`, `database`, `host`.
    pub seen_as: Vec<(String, &'static str)>,
}

// Its URL may hold a password, and nothing shows it.
impl std::fmt::Debug for Location {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Location").field("path", &self.path).finish_non_exhaustive()
    }
}

/// One kind of shared state. A value of it holds what all its stores have in common (a database server, say) and no
/// store: those are `Location`s, and whoever asked for one says where its files go.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// An empty store called `name`, its files in `folder`, which exists.
    async fn create(&self, folder: &Path, name: &str) -> Result<Location, StoreError>;

    /// Runs a file of SQL on it, statement by statement.
    async fn run_sql(&self, store: &Location, file: &Path) -> Result<(), StoreError>;

    /// A copy of `store` as it is at this moment, called `name`, its files in `folder`, which exists. The original may be
    /// in use where its kind allows it.
    async fn copy(&self, store: &Location, folder: &Path, name: &str) -> Result<Location, StoreError>;

    /// A hash of all that it holds, and of nothing else: a copy has the digest of its original.
    async fn digest(&self, store: &Location) -> Result<String, StoreError>;

    /// How the data of `after` differ from those of `before`: both may be in use. Of each table the first few rows are shown.
    async fn compare(&self, before: &Location, after: &Location, shown: usize) -> Result<Comparison, StoreError>;

    /// How many rows each of its tables has; none where its kind has no rows that could be counted.
    async fn rows(&self, _store: &Location) -> Result<Option<BTreeMap<String, u64>>, StoreError> {
        Ok(None)
    }

    /// Takes away what of it is not a file in its folder: a database on a server. The folder is removed by its owner.
    async fn remove(&self, _store: &Location) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The store of a kind that is files and nothing else; none where it needs a server.
pub fn files(kind: StateKind) -> Option<Box<dyn Store>> {
    match kind {
        StateKind::Sqlite => Some(Box::new(Sqlite)),
        StateKind::Directory => Some(Box::new(Directory)),
        StateKind::Postgres | StateKind::Mysql | StateKind::Redis => None,
    }
}

/// Runs `work`, which waits for files, where it holds up nobody.
pub(super) async fn apart<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::CutOff { path: path.to_owned() }),
    }
}
