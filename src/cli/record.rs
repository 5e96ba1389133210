//! `straddle record`: traffic through a recording proxy, before a build of the manifest or before what runs already.

mod end;
mod files;
mod place;
mod stand;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::exit::Exit;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::output;
use super::progress::Progress;
use crate::model::Side;
use crate::proxy::{Limits, Proxy, Recorder, Redact, Route};
use crate::traffic::Part;
use crate::traffic::redaction::Redactor;

/// Record traffic that goes through a proxy before one build
///
/// Stands that build up with its stores and seed (--side, --service), or goes before what runs already (--target). Clients are
/// pointed at the address that it says; ctrl-c or SIGTERM ends the recording. All that goes through is written at once to
/// FILE.part, and made FILE at the end, with sessions and bindings found.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples: straddle record --side old --out recordings/old.jsonl --listen 127.0.0.1:8080
          straddle record --target http://127.0.0.1:3000 --out shop.jsonl")]
pub(super) struct Record {
    /// The manifest
    #[arg(long, value_name = "FILE", default_value = "straddle.toml", conflicts_with = "target")]
    manifest: PathBuf,
    /// The service whose build stands up, where the manifest has several
    #[arg(long, value_name = "NAME", conflicts_with = "target")]
    service: Option<String>,
    /// Which build stands up
    #[arg(long, value_name = "old|new", value_parser = super::builds::side, required_unless_present = "target", conflicts_with = "target")]
    side: Option<Side>,
    /// What runs already: http://HOST:PORT
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// What to write, which must not be there yet; zstd where it ends in .zst
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where clients connect: a port of this machine, or HOST:PORT; any free port where it is left out
    #[arg(long, value_name = "ADDR", value_parser = place::listen)]
    listen: Option<SocketAddr>,
    /// The Host that the target sees, in place of what clients send
    #[arg(long, value_name = "TEXT", value_parser = place::host)]
    host: Option<String>,
    /// Write credentials as they are
    #[arg(long)]
    no_redact: bool,
}

impl Record {
    pub fn run(self) -> Result<Exit, Failure> {
        let target = self.target.as_deref().map(place::target).transpose().map_err(Failure::usage)?;
        let stand = match (&target, self.side) {
            (None, Some(side)) => Some(stand::Stand::of(&self.manifest, self.service.as_deref(), side)?),
            _ => None,
        };
        let part = Part::begin(&self.out, !self.no_redact).map_err(end::of_file)?;
        if self.no_redact {
            output::say("warning: credentials are written as they are (--no-redact)");
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::environment(format!("straddle can't start its threads: {error}")))?;
        let redactor = (!self.no_redact).then(Arc::<Mutex<Redactor>>::default);
        let redact = redact(redactor.as_ref());
        let recorder = Recorder::start(part, redact, &Limits::default()).map_err(Failure::environment)?;
        let leaving = end::Leaving {
            out: self.out.clone(),
            recorder: recorder.clone(),
            redactor: redactor.clone(),
            logs: stand.as_ref().map(stand::Stand::logs).unwrap_or_default(),
        };
        let ending = "ending the recording; once more ends straddle at once";
        let interrupt = Interrupt::listen_and_say(ending, move || leaving.tell())?;
        let progress = Progress::start();
        let trouble = runtime.block_on(async {
            let cancel = interrupt.cancel();
            let (recording, at) = (recorder.clone(), self.at());
            let recorder = recording.clone();
            let before = |target| Before { recorder, route: Route { target, host: self.host.clone() }, at };
            match (stand, target) {
                (Some(stand), _) => stand.record(&recording, redactor.as_ref(), &progress, cancel, before).await,
                (None, Some(target)) => before(target).record(&progress, stopped(cancel)).await.map(|()| true),
                (None, None) => Ok(false),
            }
        });
        progress.finish();
        runtime.shutdown_timeout(Duration::from_secs(1));
        end::end(&self.out, &recorder, redactor.as_deref(), trouble)
    }

    fn at(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
    }
}

/// A proxy that is about to stand before a target.
struct Before {
    recorder: Recorder,
    route: Route,
    at: SocketAddr,
}

impl Before {
    /// Records until `stop` ends.
    async fn record(self, progress: &Progress, stop: impl Future<Output = ()>) -> Result<(), Failure> {
        let target = self.route.target.clone();
        let proxy =
            Proxy::listen(self.at, self.route, self.recorder, files::limits()).await.map_err(Failure::environment)?;
        let at = proxy.address();
        if !at.ip().is_loopback() {
            progress
                .say(&format!("warning: {at} can be reached from other machines, and so can the target through it"));
        }
        progress.say(&format!("recording at http://{at}, before http://{target}; ctrl-c ends it"));
        proxy.run(stop).await;
        Ok(())
    }
}

async fn stopped(mut cancel: watch::Receiver<bool>) {
    if cancel.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could ask for it.
        std::future::pending::<()>().await;
    }
}

/// What takes credentials out of an exchange before it is written, and knows them when all is read again.
fn redact(redactor: Option<&Arc<Mutex<Redactor>>>) -> Redact {
    match redactor.map(Arc::clone) {
        None => Box::new(|_, _| {}),
        Some(redactor) => {
            Box::new(move |call, reply| redactor.lock().unwrap_or_else(PoisonError::into_inner).exchange(call, reply))
        }
    }
}
