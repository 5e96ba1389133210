//! Connections kept for the next call.
//!
//! A call is never sent twice, so a kept connection that turns out dead costs a fault that no build is guilty of. Hence:
//! one is used again only within a second, only if nothing at all has arrived on it since its last reply (neither bytes nor
//! the end), and never to a server that has once closed one without saying so beforehand.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use crate::wire::Endpoint;

/// How many connections to keep for one endpoint: more than anybody drives at once.
const MAX_IDLE: usize = 64;

/// Idle connections by endpoint.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<HashMap<Endpoint, Lane>>);

/// What is kept for one endpoint.
#[derive(Debug, Default)]
struct Lane {
    idle: Vec<Idle>,
    distrusted: bool,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    until: Instant,
}

impl Pool {
    /// A connection to `to` that is surely good, if there is one: the last to come back, since it has been idle least.
    pub fn take(&self, to: &Endpoint) -> Option<Connection> {
        let mut lanes = self.lanes();
        let lane = lanes.get_mut(to)?;
        let now = Instant::now();
        while let Some(Idle { connection, until }) = lane.idle.pop() {
            if until <= now {
                // All others have been idle longer.
                lane.idle.clear();
            } else if connection.is_clean() {
                return Some(connection);
            } else {
                lane.distrusted = true;
                lane.idle.clear();
            }
        }
        None
    }

    /// Keeps `connection` for calls within `idle` from now.
    pub fn put(&self, to: &Endpoint, connection: Connection, idle: Duration) {
        let mut lanes = self.lanes();
        if !lanes.contains_key(to) {
            lanes.insert(to.clone(), Lane::default());
        }
        let now = Instant::now();
        if let Some(lane) = lanes.get_mut(to).filter(|lane| !lane.distrusted && lane.idle.len() < MAX_IDLE) {
            lane.idle.push(Idle { connection, until: now + idle });
        }
    }

    /// Never again reuses a connection to `to`: it closes them unannounced.
    pub fn distrust(&self, to: &Endpoint) {
        *self.lanes().entry(to.clone()).or_default() = Lane { idle: Vec::new(), distrusted: true };
    }

    /// Closes all that is kept for `to`, and forgets what was learned: another server may listen there next.
    pub fn close(&self, to: &Endpoint) {
        self.lanes().remove(to);
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<Endpoint, Lane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
