//! Commands: processes that are expected to end.

use std::time::Duration;

use super::{Exit, Guardian, Log, ProcessError, Spec};

/// A command that ended.
#[derive(Debug)]
pub struct Finished {
    /// What errors call it.
    pub name: String,
    /// How it ended.
    pub exit: Exit,
    /// What it printed.
    pub log: Log,
    /// Its standard output, at most 1 MiB, where [`Spec::capture_stdout`] asked for it.
    pub stdout: Vec<u8>,
}

impl Finished {
    /// An error with its last lines, unless it said that all went well.
    pub fn success(self) -> Result<Self, ProcessError> {
        if self.exit.success() {
            return Ok(self);
        }
        Err(ProcessError::Failed { name: self.name, exit: self.exit, tail: self.log.tail(TAIL) })
    }
}

/// How many lines of a log explain a failure.
const TAIL: usize = 20;

/// Runs a command to its end, or kills it. Whatever it left running is killed too.
pub async fn run_to_end(guardian: &Guardian, spec: Spec, timeout: Duration) -> Result<Finished, ProcessError> {
    let process = guardian.spawn(spec).await?;
    let ended = tokio::time::timeout(timeout, process.wait()).await;
    let exit = process.stop(Duration::ZERO).await;
    let log = process.log().clone();
    let name = process.name().to_owned();
    match ended {
        Ok(_) if exit == Exit::UNSEEN => Err(ProcessError::GuardianDied),
        Ok(_) => Ok(Finished { name, exit, log, stdout: process.stdout() }),
        Err(_) => Err(ProcessError::TimedOut { name, after: timeout, tail: log.tail(TAIL) }),
    }
}
