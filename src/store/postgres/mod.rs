//! `postgres`: databases on one PostgreSQL server, straddle's own ([`Server::start`]) or one that is given.
//!
//! Seeded by `psql`, copied by `CREATE DATABASE … TEMPLATE`, or by a dump where the original is in use. Refuses to touch a
//! database that it did not make itself.

mod cluster;
mod copy;
mod data;
mod error;
mod leftovers;
mod place;
mod programs;
mod seed;
mod server;
mod session;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;
use super::data::Comparison;
use super::seam::{Location, Store};
pub use error::PostgresError;
pub use server::Server;

/// Databases of one server.
#[derive(Debug)]
pub struct Postgres {
    server: Arc<Server>,
    seeding: Duration,
}

impl Postgres {
    /// On that server; a seed may take so long.
    pub(super) fn of(server: Arc<Server>, seeding: Duration) -> Self {
        Self { server, seeding }
    }

    async fn session(&self, store: &Location) -> Result<session::Session, StoreError> {
        let database = self.server.database(store)?;
        Ok(self.server.session(&database).await?)
    }
}

#[async_trait]
impl Store for Postgres {
    async fn create(&self, folder: &Path, _: &str) -> Result<Location, StoreError> {
        let name = self.server.make(None).await?;
        Ok(self.server.location(&name, folder))
    }

    async fn run_sql(&self, store: &Location, file: &Path) -> Result<(), StoreError> {
        let database = self.server.database(store)?;
        seed::run(&self.server, &database, file, self.seeding).await
    }

    async fn copy(&self, store: &Location, folder: &Path, _: &str) -> Result<Location, StoreError> {
        let database = self.server.database(store)?;
        let name = copy::copy(&self.server, &database, folder).await?;
        Ok(self.server.location(&name, folder))
    }

    async fn digest(&self, store: &Location) -> Result<String, StoreError> {
        let session = self.session(store).await?;
        self.server.reading(data::digest(&session)).await
    }

    async fn compare(&self, before: &Location, after: &Location, shown: usize) -> Result<Comparison, StoreError> {
        let (before, after) = tokio::try_join!(self.session(before), self.session(after))?;
        self.server.reading(data::compare(&before, &after, shown)).await
    }

    async fn rows(&self, store: &Location) -> Result<Option<BTreeMap<String, u64>>, StoreError> {
        let session = self.session(store).await?;
        self.server.reading(data::count(&session)).await.map(Some)
    }

    async fn remove(&self, store: &Location) -> Result<(), StoreError> {
        let database = self.server.database(store)?;
        Ok(self.server.drop_database(&database).await?)
    }
}
