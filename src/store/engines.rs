//! What a run has once, whatever number of stores stands on it: its own database server, or those that are given.
//!
//! Owns when a server is started (when the first state asks for one) and what its secrets are called. The entry is
//! [`Engines::of`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::StoreError;
use super::postgres::{Postgres, PostgresError, Server};
use super::seam::{Store, files};
use crate::manifest::{ServerUrl, State, StateKind};
use crate::model::secret::Secrets;
use crate::process::Guardian;

/// The secret that opens the server which straddle starts itself. Nothing shows it but `{state.NAME.url}`.
pub const PASSWORD: &str = "postgres.password";
/// How long a seed may take.
const LIMIT: Duration = Duration::from_mins(10);

/// What the secret is called that is the password in a state's URL.
pub fn password_of(state: &str) -> String {
    format!("state.{state}.password")
}

/// What the secret is called that is a state's URL.
pub fn url_of(state: &str) -> String {
    format!("state.{state}.url")
}

/// The servers behind a run's stores.
pub struct Engines<'a> {
    guardian: &'a Guardian,
    secrets: &'a Secrets,
    folder: &'a Path,
    log: &'a (dyn Fn(&str) -> PathBuf + Sync),
    limit: Duration,
    own: Option<Arc<Server>>,
}

impl<'a> Engines<'a> {
    /// None yet. What is started has its files in `folder`, and its log where `log` says.
    pub fn new(
        guardian: &'a Guardian,
        secrets: &'a Secrets,
        folder: &'a Path,
        log: &'a (dyn Fn(&str) -> PathBuf + Sync),
    ) -> Self {
        Self { guardian, secrets, folder, log, limit: LIMIT, own: None }
    }

    /// The same, with another limit for a seed.
    pub fn seeds_within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// What that state's stores are made by. Starts a server for the first state that needs straddle's own.
    pub async fn of(&mut self, state: &State) -> Result<Box<dyn Store>, StoreError> {
        if let Some(store) = files(state.kind) {
            return Ok(store);
        }
        if state.kind != StateKind::Postgres {
            return Err(StoreError::Unavailable { kind: state.kind });
        }
        let server = match &state.server {
            Some(given) => {
                let key = format!("{}#1", url_of(&state.name));
                let url = match (self.secrets.get(&key), &given.url) {
                    (Some(url), _) => url,
                    (None, ServerUrl::Text(url)) => url,
                    (None, ServerUrl::Env(variable)) => {
                        let (state, variable) = (state.name.clone(), variable.clone());
                        return Err(PostgresError::NoVariable { state, variable }.into());
                    }
                };
                Arc::new(Server::given(&state.name, url, given.allow_remote, self.guardian).await?)
            }
            None => self.own().await?,
        };
        Ok(Box::new(Postgres::of(server, self.limit)))
    }

    async fn own(&mut self) -> Result<Arc<Server>, StoreError> {
        if let Some(own) = &self.own {
            return Ok(Arc::clone(own));
        }
        let password = self.secrets.get(&format!("{PASSWORD}#1")).ok_or(PostgresError::NoPassword)?;
        let log = (self.log)("postgres");
        let own = Arc::new(Server::start(self.guardian, self.folder, log, password).await?);
        self.own = Some(Arc::clone(&own));
        Ok(own)
    }
}
