//! Ctrl-c and SIGTERM: the first asks a run to stop and to clean up, the second ends straddle at once. Where no run is under
//! way there is nothing to clean up, and the first ends it.

use std::sync::OnceLock;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;
use super::failure::Failure;
use super::output;

/// What has been asked of a run. Signals are the process's, so this is too.
static ASKED: OnceLock<watch::Sender<bool>> = OnceLock::new();
/// What is said when the first signal comes.
static SAYING: OnceLock<&str> = OnceLock::new();
/// What is done before the second ends straddle.
static LEAVING: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();
/// What a run says then that has no words of its own.
const STOPPING: &str = "interrupted: stopping the builds; once more ends straddle at once";

/// Listens from now on, in a thread of its own: a run that is too busy to listen is the one to be stopped. To be called before
/// anything else, so that a signal never ends straddle otherwise than by its exit code.
pub(super) fn listen() -> Result<(), Failure> {
    let mut is_first = false;
    let asked = ASKED.get_or_init(|| {
        is_first = true;
        watch::Sender::new(false)
    });
    if !is_first {
        return Ok(());
    }
    let trouble = |error| Failure::environment(format!("straddle can't listen to signals: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(trouble)?;
    let (mut ctrl_c, mut terminate) = {
        let _here = runtime.enter();
        (signal(SignalKind::interrupt()).map_err(trouble)?, signal(SignalKind::terminate()).map_err(trouble)?)
    };
    let listen = move || {
        runtime.block_on(async move {
            loop {
                tokio::select! { _ = ctrl_c.recv() => {}, _ = terminate.recv() => {} }
                let is_running = asked.receiver_count() > 0;
                if asked.send_replace(true) || !is_running {
                    if let Some(leave) = LEAVING.get().filter(|_| is_running) {
                        // Whoever asks once more does not want to wait for that either.
                        tokio::select! {
                            _ = tokio::task::spawn_blocking(leave) => {}
                            _ = ctrl_c.recv() => {}
                            _ = terminate.recv() => {}
                        }
                    }
                    // The guardian ends what is still running.
                    std::process::exit(Exit::INTERRUPTED.code());
                }
                output::say(SAYING.get().copied().unwrap_or(STOPPING));
            }
        });
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map_err(trouble)?;
    Ok(())
}

/// Whether somebody wants straddle to stop, for a run that stops by itself when it is told to.
pub(super) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Takes over from now on what is to be done about it.
    pub fn listen() -> Result<Self, Failure> {
        listen()?;
        Self::new()
    }

    /// The same, with other words for what happens at the first, and what is done before the second ends straddle.
    pub fn listen_and_say(text: &'static str, leave: impl Fn() + Send + Sync + 'static) -> Result<Self, Failure> {
        listen()?;
        // One command runs, and says it once.
        let _ = SAYING.set(text);
        let _ = LEAVING.set(Box::new(leave));
        Self::new()
    }

    fn new() -> Result<Self, Failure> {
        let asked = ASKED.get().ok_or_else(|| Failure::environment("straddle can't listen to signals"))?;
        Ok(Self(asked.subscribe()))
    }

    /// What a run looks at.
    pub fn cancel(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }
}
