//! The parent's hold on its guardian.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use tokio::sync::{oneshot, watch};

use super::protocol::{Ask, Ear, Refusal, Said, Start, tell};
use super::running::Claim;
use super::{Exit, Launch, Log, Process, ProcessError, Spec, Veil, watch as watching};

/// A program's start that takes longer than this is no start: straddle's own takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// The process that starts, watches and ends all others. Clones are the same one; when the last is dropped, all ends.
#[derive(Clone)]
pub struct Guardian {
    line: Arc<Line>,
    veil: Option<Veil>,
}

/// The parent's end of the socket, whose closing is the message that matters most.
struct Line {
    socket: Mutex<UnixStream>,
    board: Arc<Board>,
    /// What the marks of this guardian's processes begin with.
    run: String,
}

/// What is known of the guardian's processes, written by the thread that listens to it.
struct Board {
    state: Mutex<State>,
    gone: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    last: u64,
    starting: HashMap<u64, oneshot::Sender<Result<Started, Refusal>>>,
    living: HashMap<u64, Living>,
    gone: bool,
}

struct Living {
    pid: i32,
    exit: watch::Sender<Option<Exit>>,
    stopped: watch::Sender<bool>,
}

/// A process that was started, as its [`Process`] needs it.
pub(super) struct Started {
    pub(super) pid: i32,
    pub(super) exit: watch::Receiver<Option<Exit>>,
    pub(super) stopped: watch::Receiver<bool>,
    pipes: Vec<OwnedFd>,
}

impl Guardian {
    /// Starts straddle once more, as the guardian.
    pub async fn start(launch: &Launch) -> Result<Self, ProcessError> {
        let failed = |reason: String| ProcessError::NoGuardian { command: launch.command(), reason };
        let failed_io = |error: io::Error| failed(error.to_string());
        let (here, there) = UnixStream::pair().map_err(failed_io)?;
        let child = launch.start(there).map_err(failed_io)?;
        let board = Arc::new(Board { state: Mutex::default(), gone: watch::Sender::new(false) });
        let run = format!("{}-{:x}", child.id(), since_the_epoch().as_nanos());
        let (ready, is_ready) = oneshot::channel();
        let ear = Ear::new(here.try_clone().map_err(failed_io)?);
        let listener = Listener { ear, child, board: Arc::clone(&board), run: run.clone(), ready: Some(ready) };
        let line = Arc::new(Line { socket: Mutex::new(here), board, run });
        std::thread::Builder::new()
            .name(String::from("guardian"))
            .spawn(move || listener.listen())
            .map_err(failed_io)?;
        match tokio::time::timeout(PATIENCE, is_ready).await {
            Ok(Ok(Ok(()))) => Ok(Self { line, veil: None }),
            Ok(Ok(Err(reason))) => Err(failed(reason)),
            Ok(Err(_)) => Err(failed(String::from("it ended at once"))),
            Err(_) => Err(failed(format!("it did not say that it watches within {} s", PATIENCE.as_secs()))),
        }
    }

    /// The same, with a veil before all that the processes which it starts will print.
    pub fn veiled(self, veil: Veil) -> Self {
        Self { veil: Some(veil), ..self }
    }

    /// Starts a process. If this future is dropped before it ends, the process is killed.
    pub async fn spawn(&self, spec: Spec) -> Result<Process, ProcessError> {
        let spec = spec.in_place()?;
        let words = spec.words()?;
        let log = Log::new(spec.log.as_deref(), self.veil.clone()).map_err(|source| ProcessError::Log {
            name: spec.name.clone(),
            path: spec.log.clone().unwrap_or_default(),
            source,
        })?;
        let (number, started) = self.line.board.expect()?;
        let claim = Claim { guardian: self.clone(), number, mark: format!("{}.{number}", self.line.run) };
        self.ask(&Ask::Start(
            number,
            Box::new(Start {
                words,
                env: spec.env.clone(),
                without: spec.without.clone(),
                dir: spec.dir.clone().into_os_string(),
                mark: claim.mark.clone(),
                capture_stdout: spec.capture_stdout,
                user: spec.user.map(|user| (user.uid, user.gid)),
                ends_by: spec.ends_by.map(Signal::as_raw),
            }),
        ))?;
        match started.await {
            Ok(Ok(mut started)) => {
                let mut pipes = std::mem::take(&mut started.pipes).into_iter().map(File::from);
                Process::of(spec.name, claim, started, log, pipes.next(), pipes.next())
            }
            Ok(Err(refusal)) => Err(spec.explain(&refusal)),
            Err(_) => Err(ProcessError::GuardianDied),
        }
    }

    /// Has this folder removed when straddle ends, however it ends. It need not be there yet, but what it is in must be: one that
    /// is announced before it is made can't be left behind by a kill in between.
    pub fn cleanup_on_exit(&self, folder: &Path) -> Result<(), ProcessError> {
        let is_fit = match std::fs::symlink_metadata(folder) {
            Ok(found) => found.is_dir(),
            Err(error) => error.kind() == io::ErrorKind::NotFound && folder.parent().is_some_and(Path::is_dir),
        };
        if !folder.is_absolute() || folder.parent().is_none() || !is_fit {
            return Err(ProcessError::NotScratch { path: folder.to_owned() });
        }
        self.ask(&Ask::Scratch(folder.into()))
    }

    /// Takes back [`Guardian::cleanup_on_exit`].
    pub fn keep(&self, folder: &Path) -> Result<(), ProcessError> {
        self.ask(&Ask::Keep(folder.into()))
    }

    /// Whether the guardian is there no more, and nothing can be started.
    pub fn is_gone(&self) -> bool {
        *self.line.board.gone.borrow()
    }

    /// Waits until the guardian is there no more.
    pub async fn gone(&self) {
        // It can only fail if the sender is gone, and then so is the guardian.
        let _ = self.line.board.gone.subscribe().wait_for(|gone| *gone).await;
    }

    /// Kills all that runs, removes the scratch folders, and waits for the guardian to have done so.
    pub async fn shutdown(&self) {
        self.line.close();
        self.gone().await;
    }

    pub(super) fn ask(&self, ask: &Ask) -> Result<(), ProcessError> {
        let socket = self.line.socket.lock().unwrap_or_else(PoisonError::into_inner);
        tell(&socket, ask).map_err(|_| ProcessError::GuardianDied)
    }
}

impl std::fmt::Debug for Guardian {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Guardian").field("run", &self.line.run).finish_non_exhaustive()
    }
}

impl Line {
    fn close(&self) {
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        // It fails only where the guardian has closed its end, which is what is wanted.
        let _ = socket.shutdown(Shutdown::Write);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.close();
    }
}

impl Board {
    /// A number for a process that is about to be asked for, and the place where its start will be told.
    fn expect(&self) -> Result<(u64, oneshot::Receiver<Result<Started, Refusal>>), ProcessError> {
        let mut state = self.state();
        if state.gone {
            return Err(ProcessError::GuardianDied);
        }
        state.last += 1;
        let number = state.last;
        let (starts, started) = oneshot::channel();
        state.starting.insert(number, starts);
        Ok((number, started))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that hears what the guardian says.
struct Listener {
    ear: Ear,
    child: Child,
    board: Arc<Board>,
    run: String,
    ready: Option<oneshot::Sender<Result<(), String>>>,
}

impl Listener {
    fn listen(mut self) {
        // A line that can't be read is as bad as none: both mean that nobody watches any more.
        while let Ok(Some(said)) = self.ear.hear() {
            self.heed(said);
        }
        self.end();
    }

    fn heed(&mut self, said: Said) {
        match said {
            Said::Ready => {
                // Whoever started it may have stopped waiting; then its end of the socket is closed, too.
                let _ = self.ready.take().map(|ready| ready.send(Ok(())));
            }
            Said::Started(number, pid, pipes) => {
                let pipes = (0..pipes).filter_map(|_| self.ear.descriptor()).collect();
                let living = Living { pid, exit: watch::Sender::new(None), stopped: watch::Sender::new(false) };
                let started =
                    Started { pid, exit: living.exit.subscribe(), stopped: living.stopped.subscribe(), pipes };
                let mut state = self.board.state();
                state.living.insert(number, living);
                // If nobody waits for it, its claim was dropped, and with that its release was asked for.
                let _ = state.starting.remove(&number).map(|starts| starts.send(Ok(started)));
            }
            Said::Refused(number, refusal) => {
                let _ = self.board.state().starting.remove(&number).map(|starts| starts.send(Err(refusal)));
            }
            Said::Ended(number, exit) => {
                if let Some(living) = self.board.state().living.get(&number) {
                    living.exit.send_replace(Some(exit));
                }
            }
            Said::Stopped(number) => {
                if let Some(living) = self.board.state().living.remove(&number) {
                    living.stopped.send_replace(true);
                }
            }
        }
    }

    /// The guardian closed its end: it has exited, or it is about to.
    fn end(mut self) {
        if self.ready.is_some() {
            // It is no guardian but some program that does not know what it was started for.
            let _ = self.child.kill();
        }
        let status = self.child.wait();
        if let Some(ready) = self.ready.take() {
            let ended = status.as_ref().map_or_else(ToString::to_string, ToString::to_string);
            let _ = ready.send(Err(format!("it ended before it watched ({ended})")));
        }
        let mut state = self.board.state();
        state.gone = true;
        state.starting.clear();
        let living = std::mem::take(&mut state.living);
        drop(state);
        if !status.is_ok_and(|status| status.success()) {
            watching::kill_orphans(living.values().map(|living| living.pid), &self.run);
        }
        for living in living.into_values() {
            living.exit.send_if_modified(|exit| exit.is_none() && exit.replace(Exit::UNSEEN).is_none());
            living.stopped.send_replace(true);
        }
        self.board.gone.send_replace(true);
    }
}

/// Makes the marks of two runs differ, even where the system gives a process id out again.
fn since_the_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
