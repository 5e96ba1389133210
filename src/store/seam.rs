//! The seam: what a kind of shared state must be able to do, and where one store of it is.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::StoreError;
use super::directory::Directory;
use super::sqlite::Sqlite;
use crate::manifest::StateKind;

/// Where one store is: what `{state.NAME.path}` and `{state.NAME.url}` are filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// SQLite's file, the folder itself, or the folder of a database's own files.
    pub path: PathBuf,
    /// How a client of that kind names it: `sqlite://PATH`, `file://PATH`, `postgres://…`.
    pub url: String,
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

    /// Takes away what of it is not a file in its folder: a database on a server. The folder is removed by its owner.
    async fn remove(&self, _store: &Location) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The store of that kind, where this release has it.
pub fn store(kind: StateKind) -> Result<Box<dyn Store>, StoreError> {
    match kind {
        StateKind::Sqlite => Ok(Box::new(Sqlite)),
        StateKind::Directory => Ok(Box::new(Directory)),
        StateKind::Postgres | StateKind::Mysql | StateKind::Redis => Err(StoreError::Unavailable { kind }),
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
