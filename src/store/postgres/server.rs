//! A PostgreSQL server, straddle's own or one that is given, and the databases that straddle made on it.
//!
//! **Invariant:** nothing is done to a database that is not among those that this server has made, except that whether one
//! was left behind by a run that is over is read from the server's own list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::super::StoreError;
use super::super::seam::Location;
use super::PostgresError;
use super::cluster::Cluster;
use super::leftovers;
use super::programs::Programs;
use super::session::Session;
use crate::manifest::DatabaseUrl;
use crate::process::Guardian;

/// How long making or dropping a database may take, with what others do there.
pub(super) const LIMIT: Duration = Duration::from_mins(1);
/// How long all of a database may be read.
const READING: Duration = Duration::from_mins(15);
/// How long a try to connect to a server that starts may take.
const TRY: Duration = Duration::from_secs(5);
/// A copy of less is made through the log of changes, one of more by copying files, which needs a checkpoint first.
const LARGE: i64 = 24 * 1024 * 1024;

/// A server and the databases of this run on it.
#[derive(Debug)]
pub struct Server {
    url: DatabaseUrl,
    /// What errors call it.
    name: String,
    /// What the names of its databases begin with: `straddle_1a2b3c4d5e6f`.
    prefix: String,
    last: AtomicU64,
    made: Mutex<BTreeSet<String>>,
    cluster: Option<Cluster>,
    /// Says to other runs, as long as it is connected, that this one goes on.
    presence: Option<Session>,
    programs: Programs,
    pub(super) guardian: Guardian,
    /// Whether a copy can be made by copying files: from version 15 on it is a choice.
    has_strategies: bool,
}

impl Server {
    /// A server of straddle's own.
    pub async fn start(guardian: &Guardian, folder: &Path, log: PathBuf, password: &str) -> Result<Self, StoreError> {
        let url_at = |port: u16| {
            let text = format!("postgres://{}:{password}@127.0.0.1:{port}/postgres", Cluster::superuser());
            DatabaseUrl::parse(&text).map_err(|why| PostgresError::Url { state: "of this run".to_owned(), why })
        };
        let lets_in = |port| async move {
            let Ok(url) = url_at(port) else { return false };
            tokio::time::timeout(TRY, Session::open(&url, "postgres", "straddle"))
                .await
                .is_ok_and(|tried| tried.is_ok())
        };
        let cluster = Cluster::start(guardian, folder, log, password, lets_in).await?;
        let url = url_at(cluster.port())?;
        let mut server = Self {
            url,
            name: "the PostgreSQL server of this run".to_owned(),
            prefix: prefix(),
            last: AtomicU64::new(0),
            made: Mutex::default(),
            programs: cluster.programs().clone(),
            cluster: Some(cluster),
            presence: None,
            guardian: guardian.clone(),
            has_strategies: false,
        };
        let version = server.session("postgres").await?.version().await.unwrap_or_default();
        server.has_strategies = version >= 15;
        Ok(server)
    }

    /// The server that this URL leads to. What a run that was killed has left there of its own is dropped.
    pub async fn given(state: &str, url: &str, allow_remote: bool, guardian: &Guardian) -> Result<Self, StoreError> {
        let fault = |why: String| PostgresError::Url { state: state.to_owned(), why };
        let url = DatabaseUrl::parse(url).map_err(fault)?;
        if !url.is_local() && !allow_remote {
            let why = "it leads to another machine: add `allow_remote = true` if that is meant".to_owned();
            return Err(fault(why).into());
        }
        let programs = Programs::of_client(guardian).await?;
        let mut server = Self {
            name: format!("the PostgreSQL server of state `{state}`, {},", url.shown()),
            url,
            prefix: prefix(),
            last: AtomicU64::new(0),
            made: Mutex::default(),
            cluster: None,
            presence: None,
            programs,
            guardian: guardian.clone(),
            has_strategies: false,
        };
        let presence = server.session(&server.home()).await?;
        server.has_strategies = presence.version().await.unwrap_or_default() >= 15;
        let presence =
            server.bounded("look for databases of runs that are over", leftovers::drop_all(presence)).await?;
        server.presence = Some(presence);
        Ok(server)
    }

    /// A new database: empty, or a copy of one that this server has made.
    pub(super) async fn make(&self, template: Option<&str>) -> Result<String, PostgresError> {
        let name = format!("{}_{:06}", self.prefix, self.last.fetch_add(1, Ordering::Relaxed));
        let session = self.session(&self.home()).await?;
        let mut sql = format!("CREATE DATABASE {name}");
        if let Some(template) = template {
            self.own(template)?;
            sql.push_str(" TEMPLATE ");
            sql.push_str(template);
            if self.has_strategies && session.size(template).await.unwrap_or_default() > LARGE {
                sql.push_str(" STRATEGY FILE_COPY");
            }
        }
        // Before it is there: if this is cut off, it may be there all the same.
        self.made().insert(name.clone());
        self.bounded("make a database", async { session.run(&sql).await }).await?;
        let note = format!("COMMENT ON DATABASE {name} IS '{}'", leftovers::note(&self.prefix));
        self.bounded("make a database", async { session.run(&note).await }).await?;
        Ok(name)
    }

    /// Drops a database that it has made, whoever is connected to it.
    pub(super) async fn drop_database(&self, name: &str) -> Result<(), PostgresError> {
        self.own(name)?;
        let session = self.session(&self.home()).await?;
        self.bounded("drop a database", async { session.drop_database(name).await }).await?;
        self.made().remove(name);
        Ok(())
    }

    /// A connection to a database of this server.
    pub(super) async fn session(&self, database: &str) -> Result<Session, PostgresError> {
        let opening = async { Session::open(&self.url, database, &format!("straddle {}", self.prefix)).await };
        match tokio::time::timeout(LIMIT, opening).await {
            Ok(Ok(session)) => Ok(session),
            // A server that has just died refuses before it is known to be dead.
            _ if self.is_dying().await => Err(self.death()),
            Ok(Err(why)) => Err(PostgresError::Unreachable { server: self.name.clone(), why }),
            Err(_) => Err(self.slow("let straddle in", LIMIT)),
        }
    }

    /// What this does, within the limit, and with the server's death told as such.
    pub(super) async fn bounded<T>(
        &self,
        doing: &str,
        work: impl Future<Output = Result<T, String>>,
    ) -> Result<T, PostgresError> {
        self.within(LIMIT, doing, work).await
    }

    /// The same for what reads all of a database.
    pub(super) async fn reading<T>(&self, work: impl Future<Output = Result<T, String>>) -> Result<T, StoreError> {
        Ok(self.within(READING, "read the database", work).await?)
    }

    async fn within<T>(
        &self,
        limit: Duration,
        doing: &str,
        work: impl Future<Output = Result<T, String>>,
    ) -> Result<T, PostgresError> {
        match tokio::time::timeout(limit, work).await {
            Ok(Ok(done)) => Ok(done),
            _ if self.is_dying().await => Err(self.death()),
            Ok(Err(why)) => Err(PostgresError::Refused { server: self.name.clone(), doing: doing.to_owned(), why }),
            Err(_) => Err(self.slow(doing, limit)),
        }
    }

    /// The database of a location that this server gave out.
    pub(super) fn database(&self, location: &Location) -> Result<String, PostgresError> {
        let name = DatabaseUrl::parse(&location.url).ok().and_then(|url| url.database()).unwrap_or_default();
        self.own(&name)?;
        Ok(name)
    }

    /// Where that database is, its other files in `folder`.
    pub(super) fn location(&self, name: &str, folder: &Path) -> Location {
        let url = self.url.of_database(name);
        let mut seen_as = vec![(url.clone(), "url"), (name.to_owned(), "database")];
        if let Some(cluster) = &self.cluster {
            let hosts = ["127.0.0.1", "localhost"].map(|host| (format!("{host}:{}", cluster.port()), "host"));
            seen_as.extend(hosts);
        }
        let path = self.cluster.as_ref().map_or(folder, Cluster::sockets).to_owned();
        Location { path, url, seen_as }
    }

    pub(super) fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The URL of a database for a program that gets the password by its environment, and that password.
    pub(super) fn for_program(&self, database: &str) -> (String, Option<String>) {
        (self.url.of_database_without_password(database), self.url.password())
    }

    /// The database from which others are made.
    pub(super) fn home(&self) -> String {
        self.url.database().unwrap_or_else(|| "postgres".to_owned())
    }

    fn own(&self, name: &str) -> Result<(), PostgresError> {
        if self.made().contains(name) { Ok(()) } else { Err(PostgresError::Foreign { database: name.to_owned() }) }
    }

    fn made(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn is_dying(&self) -> bool {
        match &self.cluster {
            Some(cluster) => tokio::time::timeout(Duration::from_millis(500), cluster.died()).await.is_ok(),
            None => false,
        }
    }

    fn death(&self) -> PostgresError {
        let death = self.cluster.as_ref().and_then(Cluster::death);
        death.unwrap_or_else(|| self.slow("answer", LIMIT))
    }

    fn slow(&self, doing: &str, limit: Duration) -> PostgresError {
        PostgresError::Slow { server: self.name.clone(), doing: doing.to_owned(), seconds: limit.as_secs() }
    }
}

impl Drop for Server {
    /// On a server that is given the databases of this run go, however it ends. One of straddle's own goes with all of them.
    fn drop(&mut self) {
        drop(self.presence.take());
        let made = std::mem::take(&mut *self.made());
        if self.cluster.is_some() || made.is_empty() {
            return;
        }
        let (url, home) = (self.url.clone(), self.home());
        let dropping = async move {
            let Ok(session) = Session::open(&url, &home, "straddle").await else { return };
            for name in made {
                // What stays is found by the next run.
                let _ = session.drop_database(&name).await;
            }
        };
        // A thread, since whoever drops this may be a task, and its runtime may be going down.
        let work = move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                let _ = runtime.block_on(async { tokio::time::timeout(LIMIT, dropping).await });
            }
        };
        if let Ok(thread) = std::thread::Builder::new().name("store".to_owned()).spawn(work) {
            let _ = thread.join();
        }
    }
}

/// All have one length, so that nothing that an instance cuts or pads hangs on which one it was given.
fn prefix() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let drawn = blake3::hash(format!("{} {}", std::process::id(), now.as_nanos()).as_bytes());
    format!("straddle_{}", &drawn.to_hex()[..12])
}
