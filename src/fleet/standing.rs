//! What stands: servers that are ready, until they are taken down.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::folders::Scratch;
use super::ports::Port;
use super::{FleetError, Identity};
use crate::model::Side;
use crate::process::{Exit, Process, Trouble};
use crate::store::{Location, Templates};
use crate::wire::Endpoint;

/// As many lines of a log as a death shows.
const SHOWN: usize = 20;

/// An arrangement that stands up, all its servers ready. Dropping it ends them all.
#[derive(Debug)]
pub struct Standing {
    /// In the order of the arrangement's members, and for each in the order of the manifest's services.
    pub servers: Vec<Server>,
    pub(super) copies: Vec<BTreeMap<String, Location>>,
    // Fields are dropped in this order: processes go before the folders that they use.
    pub(super) scratches: Vec<Scratch>,
    pub(super) templates: Arc<Templates>,
}

/// The name of the port to which calls of remote procedures go.
pub(super) const GRPC: &str = "grpc";

/// One service of one member, ready.
#[derive(Debug)]
pub struct Server {
    /// What logs and errors call it: `old twin`, or `old twin cart` where there are several services.
    pub name: String,
    /// The member of the arrangement that it belongs to.
    pub member: String,
    /// The service.
    pub service: String,
    /// Whose build it is.
    pub side: Side,
    /// Whether it is there to tell noise from difference.
    pub twin: bool,
    /// Where it listens, by the names of its ports: the first is the one that traffic goes to.
    pub endpoints: Vec<(String, Endpoint)>,
    /// Its private scratch folder.
    pub dir: PathBuf,
    /// The stores that it uses.
    pub states: BTreeMap<String, Location>,
    /// What must be folded out of its messages.
    pub identity: Identity,
    /// Whether its twin is the very same instance, since straddle did not start it.
    pub shared_instance: bool,
    /// Its process; none where straddle did not start it.
    pub process: Option<Process>,
    pub(super) stop_timeout: Duration,
    // Let go after the process.
    pub(super) ports: Vec<Port>,
}

/// A server that ended by itself after it was ready.
#[derive(Debug, Clone)]
pub struct Death {
    /// The server's name.
    pub server: String,
    /// Its service.
    pub service: String,
    /// Whose build it was.
    pub side: Side,
    /// How it ended.
    pub exit: Exit,
    /// The last lines of its log.
    pub lines: Vec<String>,
}

impl Server {
    /// Where traffic goes.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoints.first().map(|(_, endpoint)| endpoint)
    }

    /// Where calls of remote procedures go, where that is elsewhere: its port named `grpc`.
    pub fn grpc(&self) -> Option<&Endpoint> {
        self.endpoints.iter().skip(1).find(|(name, _)| name == GRPC).map(|(_, endpoint)| endpoint)
    }

    /// How long it has between SIGTERM and SIGKILL.
    pub(super) fn stop_timeout(&self) -> Duration {
        self.stop_timeout
    }

    /// How it ended, if it has.
    pub fn died(&self) -> Option<Death> {
        let process = self.process.as_ref()?;
        let exit = process.exited()?;
        Some(Death {
            server: self.name.clone(),
            service: self.service.clone(),
            side: self.side,
            exit,
            lines: process.log().tail(SHOWN),
        })
    }

    /// Waits until it has ended; for ever, where straddle did not start it.
    pub async fn ended(&self) {
        match &self.process {
            Some(process) => drop(process.wait().await),
            None => std::future::pending().await,
        }
    }

    /// The panics and uncaught exceptions in its log.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.process.as_ref().map(|process| process.log().troubles()).unwrap_or_default()
    }
}

impl Standing {
    /// The server of that member and service.
    pub fn server(&self, member: &str, service: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.member == member && server.service == service)
    }

    /// The first server that has ended by itself, if one has.
    pub fn died(&self) -> Option<Death> {
        self.servers.iter().find_map(Server::died)
    }

    /// The digest of a store that one of the servers uses.
    pub async fn digest(&self, server: &Server, state: &str) -> Result<Option<String>, FleetError> {
        match server.states.get(state) {
            Some(location) => Ok(self.templates.digest(state, location).await?),
            None => Ok(None),
        }
    }

    /// How many rows the tables have, by state and table, of the stores that one of the servers uses; as far as their kinds
    /// can say.
    pub async fn rows(&self, server: &Server) -> Result<BTreeMap<(String, String), u64>, FleetError> {
        let mut all = BTreeMap::new();
        for (state, location) in &server.states {
            for (table, rows) in self.templates.rows(state, location).await?.unwrap_or_default() {
                all.insert((state.clone(), table), rows);
            }
        }
        Ok(all)
    }

    /// Ends all servers at once, each with the time that its service has for it, and removes their stores and folders.
    pub async fn take_down(mut self) -> Result<(), FleetError> {
        let mut stopping = JoinSet::new();
        for server in &mut self.servers {
            if let Some(process) = server.process.take() {
                let grace = server.stop_timeout;
                stopping.spawn(async move { process.stop(grace).await });
            }
        }
        while stopping.join_next().await.is_some() {}
        for copies in std::mem::take(&mut self.copies) {
            self.templates.remove(&copies).await?;
        }
        let scratches = std::mem::take(&mut self.scratches);
        // Removing a large folder takes its time, and nothing else should wait for it. A folder that can't be removed stays.
        let _ = tokio::task::spawn_blocking(move || drop(scratches)).await;
        Ok(())
    }
}
