//! Ctrl-c and SIGTERM: the first asks the run to stop and to clean up, the second ends straddle at once.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::exit::Exit;
use super::failure::Failure;
use super::output;

/// Whether somebody wants straddle to stop.
pub(super) struct Interrupt(Arc<watch::Sender<bool>>);

impl Interrupt {
    /// Listens from now on, in a thread of its own: a run that is too busy to listen is the one to be stopped.
    pub fn listen() -> Result<Self, Failure> {
        Self::listen_and_say("interrupted: stopping the builds; once more ends straddle at once")
    }

    /// The same, with other words for what happens at the first.
    pub fn listen_and_say(text: &'static str) -> Result<Self, Failure> {
        let trouble = |error| Failure::environment(format!("straddle can't listen to signals: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(trouble)?;
        let (mut ctrl_c, mut terminate) = {
            let _here = runtime.enter();
            (signal(SignalKind::interrupt()).map_err(trouble)?, signal(SignalKind::terminate()).map_err(trouble)?)
        };
        let sender = Arc::new(watch::Sender::new(false));
        let asked = Arc::clone(&sender);
        let listen = move || {
            runtime.block_on(async move {
                loop {
                    tokio::select! { _ = ctrl_c.recv() => {}, _ = terminate.recv() => {} }
                    if asked.send_replace(true) {
                        // The guardian ends what is still running.
                        std::process::exit(Exit::INTERRUPTED.code());
                    }
                    output::say(text);
                }
            });
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map_err(trouble)?;
        Ok(Self(sender))
    }

    /// What a run looks at.
    pub fn cancel(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}
