//! Templates: each state, seeded once for OLD and taken on to what NEW expects, of which every instance gets a copy.
//!
//! On an empty store `migrate.old` runs first and the seed after it, since a seed of rows needs the tables that OLD's own
//! migrations make; a seed that brings its tables along is for builds without migrations. NEW's template is a copy of OLD's,
//! seed and all, that `migrate.new` has gone over: what NEW finds on the day of the release is a migrated store of OLD and
//! never one that it made itself. All states exist, empty, before the first command runs, so that a command may use several.
//!
//! A `migrate.new` that fails leaves no template of NEW's: whoever asks for a copy of it is told so, and whoever asks only for
//! OLD's is not kept from its work. The same commands go over copies too ([`Preparation::take`]).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::data::Comparison;
use super::migration::{Migration, MigrationFailed};
use super::seam::{Location, Store};
use super::values::{Values, shown};
use super::{Engines, StoreError};
use crate::manifest::{CommandSpec, Seed, State};
use crate::model::secret::Secrets;
use crate::model::{Pair, Side};
use crate::process::{Finished, Guardian, ProcessError, Spec, run_to_end};

/// How long a seed command may take.
const LIMIT: Duration = Duration::from_mins(10);
/// As many lines of a command's output as an error shows.
const SHOWN: usize = 20;

/// What is needed to make templates.
pub struct Preparation<'a> {
    /// The states of the manifest.
    pub states: &'a [State],
    /// The manifest's folder, where seed commands run.
    pub manifest_folder: &'a Path,
    /// Where migrations of each side run; none where that build runs already.
    pub checkouts: Pair<Option<&'a Path>>,
    /// What migrations get as environment: those variables of the build that don't depend on an instance are kept.
    pub environments: Pair<&'a BTreeMap<String, String>>,
    /// Who runs commands.
    pub guardian: &'a Guardian,
    /// What database servers are entered with, by [`super::PASSWORD`] and its like.
    pub secrets: &'a Secrets,
    /// The file for the log of a process by its name.
    pub log: &'a (dyn Fn(&str) -> PathBuf + Sync),
    /// An empty folder for the templates and for commands' own scratch files.
    pub folder: &'a Path,
}

/// The templates of all states, for both sides.
#[derive(Debug)]
pub struct Templates {
    states: Vec<Template>,
    /// Why there is none of NEW's.
    failed: Option<MigrationFailed>,
}

#[derive(Debug)]
struct Template {
    name: String,
    store: Box<dyn Store>,
    at: Pair<Location>,
}

impl Templates {
    /// Makes, migrates and seeds them all.
    pub async fn prepare(preparation: &Preparation<'_>) -> Result<Self, StoreError> {
        let mut engines = Engines::new(preparation.guardian, preparation.secrets, preparation.folder, preparation.log);
        let mut states = Vec::new();
        for state in preparation.states {
            states.push((state, engines.of(state).await?));
        }
        let old_folder = preparation.part("old")?;
        let mut old = BTreeMap::new();
        for (state, store) in &states {
            old.insert(state.name.clone(), store.create(&old_folder, &state.name).await?);
        }
        for (state, store) in &states {
            preparation.migrate(state, Migration::Old, &old).await??;
            preparation.seed(state, store.as_ref(), &old).await?;
        }
        let (new, failed) = match preparation.taken_on(&states, &old).await? {
            Ok(new) => (new, None),
            Err(failed) => (old.clone(), Some(failed)),
        };
        let template = |(state, store): (&State, Box<dyn Store>)| {
            let at = Pair::new(old.get(&state.name)?.clone(), new.get(&state.name)?.clone());
            Some(Template { name: state.name.clone(), store, at })
        };
        Ok(Self { states: states.into_iter().filter_map(template).collect(), failed })
    }

    /// Where the templates of that side are: to be read, and never to be given to an instance.
    pub fn at(&self, side: Side) -> BTreeMap<String, Location> {
        self.states.iter().map(|template| (template.name.clone(), template.at.get(side).clone())).collect()
    }

    /// A copy of each state's template of that side, its files in `folder`, which exists.
    pub async fn copy(&self, side: Side, folder: &Path) -> Result<BTreeMap<String, Location>, StoreError> {
        if let (Side::New, Some(failed)) = (side, &self.failed) {
            return Err(failed.clone().into());
        }
        let mut copies = BTreeMap::new();
        for template in &self.states {
            let copy = template.store.copy(template.at.get(side), folder, &template.name).await?;
            copies.insert(template.name.clone(), copy);
        }
        Ok(copies)
    }

    /// Copies of these stores as they are at this moment, their files in `folder`, which exists.
    pub async fn copy_of(
        &self,
        stores: &BTreeMap<String, Location>,
        folder: &Path,
    ) -> Result<BTreeMap<String, Location>, StoreError> {
        let mut copies = BTreeMap::new();
        for template in &self.states {
            if let Some(location) = stores.get(&template.name) {
                let copy = template.store.copy(location, folder, &template.name).await?;
                copies.insert(template.name.clone(), copy);
            }
        }
        Ok(copies)
    }

    /// The digest of that state at `location`; none where there is no such state.
    pub async fn digest(&self, state: &str, location: &Location) -> Result<Option<String>, StoreError> {
        match self.states.iter().find(|template| template.name == state) {
            Some(template) => template.store.digest(location).await.map(Some),
            None => Ok(None),
        }
    }

    /// How the data of that state at `after` differ from those at `before`; none where there is no such state.
    pub async fn compare(
        &self,
        state: &str,
        before: &Location,
        after: &Location,
        shown: usize,
    ) -> Result<Option<Comparison>, StoreError> {
        match self.states.iter().find(|template| template.name == state) {
            Some(template) => template.store.compare(before, after, shown).await.map(Some),
            None => Ok(None),
        }
    }

    /// How many rows each table of that state at `location` has; none where its kind can't say, or there is no such state.
    pub async fn rows(&self, state: &str, location: &Location) -> Result<Option<BTreeMap<String, u64>>, StoreError> {
        match self.states.iter().find(|template| template.name == state) {
            Some(template) => template.store.rows(location).await,
            None => Ok(None),
        }
    }

    /// Takes copies away again, as far as they are more than files of their folder.
    pub async fn remove(&self, copies: &BTreeMap<String, Location>) -> Result<(), StoreError> {
        for template in &self.states {
            if let Some(location) = copies.get(&template.name) {
                template.store.remove(location).await?;
            }
        }
        Ok(())
    }
}

impl Preparation<'_> {
    /// Migrates these stores, all states one after the other; back in the opposite order.
    pub async fn take(
        &self,
        migration: Migration,
        stores: &BTreeMap<String, Location>,
    ) -> Result<Result<(), MigrationFailed>, StoreError> {
        let mut states: Vec<&State> = self.states.iter().collect();
        if migration == Migration::Down {
            states.reverse();
        }
        for state in states {
            if let Err(failed) = self.migrate(state, migration, stores).await? {
                return Ok(Err(failed));
            }
        }
        Ok(Ok(()))
    }

    /// NEW's stores: OLD's own where nothing migrates any of them.
    async fn taken_on(
        &self,
        states: &[(&State, Box<dyn Store>)],
        old: &BTreeMap<String, Location>,
    ) -> Result<Result<BTreeMap<String, Location>, MigrationFailed>, StoreError> {
        if states.iter().all(|(state, _)| state.migrate_new.is_none()) {
            return Ok(Ok(old.clone()));
        }
        let folder = self.part("new")?;
        let mut new = BTreeMap::new();
        for (state, store) in states {
            if let Some(location) = old.get(&state.name) {
                new.insert(state.name.clone(), store.copy(location, &folder, &state.name).await?);
            }
        }
        Ok(self.take(Migration::New, &new).await?.map(|()| new))
    }

    async fn migrate(
        &self,
        state: &State,
        migration: Migration,
        stores: &BTreeMap<String, Location>,
    ) -> Result<Result<(), MigrationFailed>, StoreError> {
        let Some(command) = migration.command(state) else {
            return Ok(Ok(()));
        };
        let (side, step) = (migration.side(), migration.step());
        let Some(checkout) = *self.checkouts.get(side) else {
            return Err(StoreError::NoCheckout { state: state.name.clone(), side });
        };
        let values = self.values(side, stores)?;
        let env = values.known_environment(self.environments.get(side));
        self.run(state, step, command, checkout, (&values, env, state.migrate_timeout)).await
    }

    async fn seed(
        &self,
        state: &State,
        store: &dyn Store,
        stores: &BTreeMap<String, Location>,
    ) -> Result<(), StoreError> {
        match (&state.seed, stores.get(&state.name)) {
            (Some(Seed::Sql(file)), Some(location)) => store.run_sql(location, file).await,
            (Some(Seed::Command(command)), _) => {
                let values = self.values(Side::Old, stores)?;
                self.run(state, "seed", command, self.manifest_folder, (&values, Vec::new(), LIMIT)).await??;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn run(
        &self,
        state: &State,
        step: &'static str,
        command: &CommandSpec,
        dir: &Path,
        (values, env, limit): (&Values, Vec<(String, String)>, Duration),
    ) -> Result<Result<(), MigrationFailed>, StoreError> {
        let program = values.command(command).map_err(|message| StoreError::Placeholder {
            state: state.name.clone(),
            step,
            message,
        })?;
        let command = shown(&program);
        let log = Some((self.log)(&format!("{step} {}", state.name)));
        let spec = Spec { env, log, ..Spec::new(format!("`{step}` of state `{}`", state.name), program, dir) };
        let (why, lines) = match run_to_end(self.guardian, spec, limit).await {
            Ok(Finished { exit, .. }) if exit.success() => return Ok(Ok(())),
            Ok(Finished { exit, log, .. }) => (exit.to_string(), log.tail(SHOWN)),
            Err(ProcessError::TimedOut { after, tail, .. }) => {
                (format!("it did not end within {} s and was killed", after.as_secs_f32()), tail)
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Err(MigrationFailed { state: state.name.clone(), step, why, command, lines }))
    }

    fn values(&self, side: Side, stores: &BTreeMap<String, Location>) -> Result<Values, StoreError> {
        let mut values = Values::of(side);
        let dir = self.part(match side {
            Side::Old => "old-scratch",
            Side::New => "new-scratch",
        })?;
        values.set_dir(&dir);
        for (name, location) in stores {
            values.set_state(name, location);
        }
        Ok(values)
    }

    fn part(&self, name: &str) -> Result<PathBuf, StoreError> {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).map_err(StoreError::io("cannot make the folder", &folder))?;
        Ok(folder)
    }
}
