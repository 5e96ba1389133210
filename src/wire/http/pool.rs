//! Connections kept for the next call.
//!
//! A call is never sent twice, so a kept connection that turns out dead costs a fault that no build is guilty of. Hence:
//! one is used again only if nothing at all has arrived on it since its last reply (neither bytes nor the end), and never
//! to a server that has once closed one without saying so beforehand and at once.
//!
//! A call that was recorded with its connection goes over that one's own line, which is kept until its owner is done; any
//! other goes over whichever has been idle for no more than a second.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use crate::wire::{Endpoint, Line};

/// How many connections to keep for one endpoint: more than anybody drives at once.
const MAX_IDLE: usize = 64;
/// How long a connection is kept that has no line: shorter than any server's own limit that is known.
const MAX_FREE: Duration = Duration::from_secs(1);
/// How long one is kept for its line.
const MAX_LINE: Duration = Duration::from_mins(1);
/// A server that closes a connection so soon after its reply may just as well do so under the next call.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Idle connections by endpoint.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<HashMap<Endpoint, Server>>);

/// What is kept for one endpoint.
#[derive(Debug, Default)]
struct Server {
    /// The last to come back at the end.
    idle: Vec<Idle>,
    distrusted: bool,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    line: Option<Line>,
    since: Instant,
    until: Instant,
}

impl Pool {
    /// A connection to `to` for that line that is surely good, if there is one: the last to come back, since it has been
    /// idle least.
    pub fn take(&self, to: &Endpoint, line: Option<&Line>) -> Option<Connection> {
        let mut servers = self.servers();
        let server = servers.get_mut(to)?;
        let now = Instant::now();
        while let Some(at) = server.idle.iter().rposition(|idle| idle.line.as_ref() == line) {
            let Idle { connection, since, until, .. } = server.idle.remove(at);
            if until <= now {
                continue;
            }
            if connection.is_clean() {
                return Some(connection);
            }
            if now - since < AT_ONCE {
                server.distrusted = true;
                server.idle.clear();
            }
        }
        None
    }

    /// Keeps `connection` for calls of that line within `idle` from now.
    pub fn put(&self, to: &Endpoint, line: Option<&Line>, connection: Connection, idle: Duration) {
        let mut servers = self.servers();
        if !servers.contains_key(to) {
            servers.insert(to.clone(), Server::default());
        }
        let Some(server) = servers.get_mut(to).filter(|server| !server.distrusted) else { return };
        if server.idle.len() >= MAX_IDLE {
            server.idle.remove(0);
        }
        let since = Instant::now();
        let until = since + idle.min(if line.is_some() { MAX_LINE } else { MAX_FREE });
        server.idle.push(Idle { connection, line: line.cloned(), since, until });
    }

    /// Never again reuses a connection to `to`: it closes them unannounced.
    pub fn distrust(&self, to: &Endpoint) {
        *self.servers().entry(to.clone()).or_default() = Server { idle: Vec::new(), distrusted: true };
    }

    /// Closes what is kept for the lines of that owner.
    pub fn let_go(&self, to: &Endpoint, owner: u64) {
        if let Some(server) = self.servers().get_mut(to) {
            server.idle.retain(|idle| idle.line.as_ref().is_none_or(|line| line.owner != owner));
        }
    }

    /// Closes all that is idle: a server which serves one connection at a time waits for just that.
    pub fn make_way(&self, to: &Endpoint) {
        if let Some(server) = self.servers().get_mut(to) {
            server.idle.clear();
        }
    }

    /// Closes all that is kept for `to`, and forgets what was learned: another server may listen there next.
    pub fn close(&self, to: &Endpoint) {
        self.servers().remove(to);
    }

    fn servers(&self) -> MutexGuard<'_, HashMap<Endpoint, Server>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
