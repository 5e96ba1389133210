//! Connections that are open, one for each line, and one for all calls that have none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Connection;
use crate::wire::{Endpoint, Line};

/// How long one is trusted that nothing goes over.
const MAX_IDLE: Duration = Duration::from_secs(5);
/// How many to keep for one endpoint.
const MAX_KEPT: usize = 64;

/// Open connections by endpoint and line.
#[derive(Debug, Default)]
pub(in crate::wire::http) struct Pool(Mutex<HashMap<Endpoint, HashMap<Option<Line>, Kept>>>);

#[derive(Debug)]
struct Kept {
    connection: Arc<Connection>,
    used: Instant,
}

impl Pool {
    /// The open connection of that line.
    pub fn get(&self, to: &Endpoint, line: Option<&Line>) -> Option<Arc<Connection>> {
        let mut all = self.all();
        let lines = all.get_mut(to)?;
        let key = line.cloned();
        let kept = lines.get_mut(&key)?;
        let idle = kept.used.elapsed() > MAX_IDLE && Arc::strong_count(&kept.connection) == 1;
        if idle || !kept.connection.is_open() {
            lines.remove(&key);
            return None;
        }
        kept.used = Instant::now();
        Some(Arc::clone(&kept.connection))
    }

    /// Keeps a connection for that line.
    pub fn put(&self, to: &Endpoint, line: Option<&Line>, connection: &Arc<Connection>) {
        let mut all = self.all();
        let lines = all.entry(to.clone()).or_default();
        if lines.len() >= MAX_KEPT
            && let Some(oldest) = lines.iter().min_by_key(|(_, kept)| kept.used).map(|(line, _)| line.clone())
        {
            lines.remove(&oldest);
        }
        lines.insert(line.cloned(), Kept { connection: Arc::clone(connection), used: Instant::now() });
    }

    /// Keeps a connection no longer; calls that are on it go on.
    pub fn drop_line(&self, to: &Endpoint, line: Option<&Line>, connection: &Arc<Connection>) {
        if let Some(lines) = self.all().get_mut(to)
            && lines.get(&line.cloned()).is_some_and(|kept| Arc::ptr_eq(&kept.connection, connection))
        {
            lines.remove(&line.cloned());
        }
    }

    /// Closes what is kept for the lines of that owner.
    pub fn let_go(&self, to: &Endpoint, owner: u64) {
        if let Some(lines) = self.all().get_mut(to) {
            lines.retain(|line, _| line.as_ref().is_none_or(|line| line.owner != owner));
        }
    }

    /// Closes all that is kept for `to`.
    pub fn close(&self, to: &Endpoint) {
        self.all().remove(to);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Endpoint, HashMap<Option<Line>, Kept>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
