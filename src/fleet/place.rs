//! A place: stores on which members come and go one by one, and which migrations go over while somebody stands on them.
//!
//! An arrangement stands up all at once and goes down all at once; a release doesn't. Whoever stands on a place is a
//! [`Standing`] of its own, and goes before the place does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::bench::{Inner, sites};
use super::folders::Scratch;
use super::{Arrangement, Bench, FleetError, Member, Standing, Stores};
use crate::model::secret::Secrets;
use crate::model::{Event, Side};
use crate::store::data::Comparison;
use crate::store::{Location, Migration, MigrationFailed, Preparation};

/// Stores, copied from the templates of one side.
pub struct Place {
    inner: Arc<Inner>,
    stores: BTreeMap<String, Location>,
    scratch: Scratch,
}

impl Bench {
    /// A place whose stores are what that side expects.
    pub async fn place(&self, side: Side) -> Result<Place, FleetError> {
        let inner = Arc::clone(&self.inner);
        let scratch = inner.run.scratch()?;
        let stores = inner.templates.copy(inner.plays.unwrap_or(side), scratch.path()).await?;
        Ok(Place { inner, stores, scratch })
    }

    /// The side that stands in for both, where a build is held against itself.
    pub fn plays(&self) -> Option<Side> {
        self.inner.plays
    }
}

impl Place {
    /// Stands a member up beside those who are there already, and waits until it is ready.
    pub async fn stand_up(&self, member: &Member) -> Result<Standing, FleetError> {
        let inner = &self.inner;
        let round = inner.stood_up.fetch_add(1, Ordering::Relaxed) + 1;
        let alone = Arrangement { members: vec![member.clone()], stores: Stores::Own };
        (inner.events)(Event::Booting { instances: inner.names(&alone) });
        let side = inner.plays.unwrap_or(member.side);
        let stood = inner.stand_up(&Member { side, ..member.clone() }, Some(self.stores.clone()), round).await?;
        Ok(Standing {
            servers: stood.servers,
            copies: Vec::new(),
            scratches: stood.scratches,
            templates: Arc::clone(&inner.templates),
        })
    }

    /// Lets a migration go over the stores, whoever stands on them. That it fails is no error.
    pub async fn migrate(&self, migration: Migration) -> Result<Result<(), MigrationFailed>, FleetError> {
        let inner = &self.inner;
        if inner.plays.is_some() {
            return Ok(Ok(()));
        }
        let number = inner.stood_up.fetch_add(1, Ordering::Relaxed) + 1;
        let log = |name: &str| inner.run.log(&format!("{name}.{number}"));
        let (secrets, (checkouts, environments)) = (Secrets::default(), sites(&inner.manifest, &inner.builds));
        let preparation = Preparation {
            states: &inner.manifest.states,
            manifest_folder: &inner.manifest.folder,
            checkouts,
            environments,
            guardian: &inner.guardian,
            secrets: &secrets,
            log: &log,
            folder: self.scratch.path(),
        };
        Ok(preparation.take(migration, &self.stores).await?)
    }

    /// How the stores differ from that side's templates, by state; of each table the first few rows are shown.
    pub async fn since(&self, side: Side, shown: usize) -> Result<BTreeMap<String, Comparison>, FleetError> {
        let before = self.inner.templates.at(self.inner.plays.unwrap_or(side));
        let mut all = BTreeMap::new();
        for (state, after) in &self.stores {
            let Some(before) = before.get(state) else { continue };
            if let Some(comparison) = self.inner.templates.compare(state, before, after, shown).await? {
                all.insert(state.clone(), comparison);
            }
        }
        Ok(all)
    }

    /// How the stores differ from those of another place, by state.
    pub async fn differs_from(&self, other: &Self, shown: usize) -> Result<BTreeMap<String, Comparison>, FleetError> {
        let mut all = BTreeMap::new();
        for (state, after) in &self.stores {
            let Some(before) = other.stores.get(state) else { continue };
            if let Some(comparison) = self.inner.templates.compare(state, before, after, shown).await? {
                all.insert(state.clone(), comparison);
            }
        }
        Ok(all)
    }

    /// A copy of it as it is at this moment, whoever stands on it.
    pub async fn copy(&self) -> Result<Self, FleetError> {
        let inner = Arc::clone(&self.inner);
        let scratch = inner.run.scratch()?;
        let stores = inner.templates.copy_of(&self.stores, scratch.path()).await?;
        Ok(Self { inner, stores, scratch })
    }

    /// Takes the stores away.
    pub async fn remove(self) -> Result<(), FleetError> {
        self.inner.templates.remove(&self.stores).await?;
        let scratch = self.scratch;
        // Removing a large folder takes its time, and nothing else should wait for it.
        let _ = tokio::task::spawn_blocking(move || drop(scratch)).await;
        Ok(())
    }
}
