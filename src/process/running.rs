//! A process that was started.

use std::fs::File;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tokio::sync::watch;

use super::guardian::Started;
use super::protocol::Ask;
use super::{Exit, Guardian, Log, ProcessError};

/// Standard output that is kept apart is meant to be a line or two, as `git rev-parse` prints it.
const MOST_STDOUT_BYTES: u64 = 1024 * 1024;

/// A process that was started. Dropping it kills its whole group, and whatever daemons it left elsewhere.
#[derive(Debug)]
pub struct Process {
    name: String,
    pid: i32,
    log: Log,
    stdout: Arc<Mutex<Vec<u8>>>,
    exit: watch::Receiver<Option<Exit>>,
    stopped: watch::Receiver<bool>,
    claim: Claim,
}

impl Process {
    pub(super) fn of(
        name: String,
        claim: Claim,
        started: Started,
        log: Log,
        output: Option<File>,
        captured: Option<File>,
    ) -> Result<Self, ProcessError> {
        let stdout = Arc::new(Mutex::new(Vec::new()));
        let no_thread = |source| ProcessError::NoThread { name: name.clone(), source };
        // Threads and not tasks: a pipe must be emptied even while the runtime is busy, or the process would stand still.
        if let Some(output) = output {
            log.follow(output).map_err(no_thread)?;
        }
        if let Some(captured) = captured {
            let (into, source) = (Arc::clone(&stdout), log.source());
            std::thread::Builder::new()
                .name(String::from("stdout"))
                .spawn(move || {
                    capture(captured, &into);
                    drop(source);
                })
                .map_err(no_thread)?;
        }
        Ok(Self { name, pid: started.pid, log, stdout, exit: started.exit, stopped: started.stopped, claim })
    }

    /// What errors call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id, which is its group's as well.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The value of [`super::INSTANCE_VARIABLE`] in its environment.
    pub fn mark(&self) -> &str {
        &self.claim.mark
    }

    /// What it prints.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// How it ended, if it has. Others of its group may live on.
    pub fn exited(&self) -> Option<Exit> {
        *self.exit.borrow()
    }

    /// Waits for it to end.
    pub async fn wait(&self) -> Exit {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.unwrap_or(Exit::UNSEEN),
            Err(_) => Exit::UNSEEN,
        }
    }

    /// Sends a signal to its group.
    pub fn signal(&self, signal: Signal) -> Result<(), ProcessError> {
        self.claim.guardian.ask(&Ask::Signal(self.claim.number, signal.as_raw()))
    }

    /// Ends it: SIGTERM to its group; after `grace`, or when the group is empty, SIGKILL to what is left of the group and
    /// to daemons that left it. When this returns, nothing of it runs, and its log is whole.
    pub async fn stop(&self, grace: Duration) -> Exit {
        let grace = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        // If it can't be asked, it is dead, and the listener kills in its stead and says so.
        let _ = self.claim.guardian.ask(&Ask::Stop(self.claim.number, grace));
        let _ = self.stopped.clone().wait_for(|stopped| *stopped).await;
        self.log.ended(LAST_OUTPUT).await;
        self.wait().await
    }

    /// What it wrote to its standard output, where that is kept apart: at most 1 MiB.
    pub fn stdout(&self) -> Vec<u8> {
        self.stdout.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What dead processes have written is in the pipes already: this long is for reading it on a busy machine.
const LAST_OUTPUT: Duration = Duration::from_secs(5);

/// Keeps the beginning, and reads the rest so that its writer does not stand still.
fn capture(mut pipe: File, into: &Mutex<Vec<u8>>) {
    let mut kept = Vec::new();
    // What can't be read is lost: the log is evidence, never the thing itself.
    let _ = Read::by_ref(&mut pipe).take(MOST_STDOUT_BYTES).read_to_end(&mut kept);
    *into.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    let _ = std::io::copy(&mut pipe, &mut std::io::sink());
}

/// The right to a process, from before it is asked for: whoever lets go of it has it killed.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) guardian: Guardian,
    pub(super) number: u64,
    pub(super) mark: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // A guardian that can't be asked is dead, and so is the process.
        let _ = self.guardian.ask(&Ask::Release(self.number));
    }
}
