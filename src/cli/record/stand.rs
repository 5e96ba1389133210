//! One build of the manifest, stood up for its traffic to be recorded.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::watch;

use super::{Before, stopped};
use crate::cli::failure::Failure;
use crate::cli::job;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::engine::Options;
use crate::fleet::{self, Arrangement, Bench, Death, FleetError, RunFolder, Standing};
use crate::manifest::{self, Manifest};
use crate::model::Side;
use crate::model::secret::Mask;
use crate::process::{Guardian, ProcessError, Veil};
use crate::proxy::Recorder;
use crate::traffic::redaction::Redactor;
use crate::wire::Endpoint;

/// A build that is about to stand up.
pub(super) struct Stand {
    manifest: Manifest,
    service: String,
    side: Side,
    options: Options,
    /// Where the logs go, once that is known.
    logs: Arc<OnceLock<PathBuf>>,
}

impl Stand {
    /// That side's build of that service, or of the only one.
    pub fn of(file: &Path, service: Option<&str>, side: Side) -> Result<Self, Failure> {
        let manifest = manifest::load_before_recording(file)?;
        let names: Vec<&str> = manifest.services.iter().map(|service| service.name.as_str()).collect();
        let service = match (service, names.as_slice()) {
            (Some(name), _) if names.contains(&name) => name.to_owned(),
            (None, [only]) => (*only).to_owned(),
            (other, _) => {
                let why = other.map_or("say which service's traffic is recorded".to_owned(), |name| {
                    format!("there is no service `{name}`")
                });
                return Err(Failure::usage(format!("{why}; --service is one of {}", names.join(", "))));
            }
        };
        let options = job::options(&manifest)?;
        Ok(Self { manifest: alone(manifest, side), service, side, options, logs: Arc::default() })
    }

    /// Where its logs go, once that is known.
    pub fn logs(&self) -> Arc<OnceLock<PathBuf>> {
        Arc::clone(&self.logs)
    }

    /// Stands it up, records until that is cancelled, and takes it down. What it logs is kept without the credentials that
    /// `redactor` sees.
    pub async fn record(
        self,
        recorder: &Recorder,
        redactor: Option<&Arc<Mutex<Redactor>>>,
        progress: &Progress,
        cancel: watch::Receiver<bool>,
        before: impl FnOnce(Endpoint) -> Before,
    ) -> Result<bool, Failure> {
        let guardian = Guardian::start(&self.options.launch)
            .await
            .map_err(|error| Failure::environment(FleetError::from(error)))?;
        if let Some(redactor) = redactor {
            // What a dying build logged is told when all exchanges are written, and all their credentials known.
            output::redact(redactor);
        }
        // That credentials stay in the recording says nothing of what the manifest calls a secret.
        let guardian = guardian.veiled(veil(redactor.map(Arc::clone), Mask::new(&self.options.secrets)));
        let outcome = tokio::select! {
            outcome = self.stand_up_and_record(&guardian, progress, cancel.clone(), before) => {
                if guardian.is_gone() { Err(orphaned()) } else { outcome }
            }
            () = guardian.gone() => Err(orphaned()),
        };
        guardian.shutdown().await;
        if let Some(redactor) = redactor {
            // A server logs what it is sent before its reply ends the exchange that gives a credential away.
            recorder.written().await;
            let redactor = redactor.lock().unwrap_or_else(PoisonError::into_inner);
            self.logs.get().map_or(Ok(()), |folder| mend(folder, &redactor))?;
        }
        outcome
    }

    async fn stand_up_and_record(
        &self,
        guardian: &Guardian,
        progress: &Progress,
        cancel: watch::Receiver<bool>,
        before: impl FnOnce(Endpoint) -> Before,
    ) -> Result<bool, Failure> {
        let (_bench, standing) = tokio::select! {
            standing = self.stand_up(guardian, progress) => standing.map_err(Failure::environment)?,
            () = stopped(cancel.clone()) => return Ok(false),
        };
        let server = standing.server(self.side.as_str(), &self.service);
        let Some((server, endpoint)) = server.and_then(|server| Some((server, server.endpoint()?))) else {
            return Err(Failure::usage(format!("service `{}` has no port that traffic could go to", self.service)));
        };
        let end = async {
            tokio::select! { () = stopped(cancel) => {}, () = server.ended() => {} }
        };
        before(endpoint.clone()).record(progress, end).await?;
        let death = standing.died();
        standing.take_down().await.map_err(Failure::environment)?;
        match death {
            Some(death) => Err(Failure::environment(told(&death))),
            None => Ok(true),
        }
    }

    async fn stand_up(&self, guardian: &Guardian, progress: &Progress) -> Result<(Bench, Standing), FleetError> {
        let events = progress.events();
        let folder = Arc::new(RunFolder::create(&self.options.home)?);
        let _ = self.logs.set(folder.path().join("logs"));
        let builds = fleet::prepare(&self.manifest, guardian, &events, &folder, &self.options.cache).await?;
        let manifest = Arc::new(self.manifest.clone());
        let bench = Bench::new(manifest, builds, guardian.clone(), events, folder, None, &self.options.secrets).await?;
        let standing = bench.stand_up(&Arrangement::alone(self.side)).await?;
        Ok((bench, standing))
    }
}

/// Hides what is a credential by what has gone through so far, and what the manifest calls a secret.
fn veil(redactor: Option<Arc<Mutex<Redactor>>>, mask: Mask) -> Veil {
    let longest = mask.longest().max(redactor.as_ref().map_or(0, |_| Redactor::LONGEST));
    Veil::new(longest, move |text| hidden(redactor.as_deref(), &mask, text))
}

/// The text with placeholders in place of both; none where it has neither.
fn hidden(redactor: Option<&Mutex<Redactor>>, mask: &Mask, text: &[u8]) -> Option<Vec<u8>> {
    let seen = |redactor: &Mutex<Redactor>| redactor.lock().unwrap_or_else(PoisonError::into_inner).text(text);
    let redacted = redactor.and_then(seen);
    match (mask.bytes(redacted.as_deref().unwrap_or(text)), &redacted) {
        (Cow::Owned(masked), _) => Some(masked),
        (Cow::Borrowed(_), _) => redacted,
    }
}

/// Takes what came to be known as a credential out of logs that are written already: each is as it was or mended, whatever
/// ends this.
pub(super) fn mend(folder: &Path, redactor: &Redactor) -> Result<(), Failure> {
    let unreadable = |path: &Path, error: &io::Error| {
        let what = "credentials that were found late are still in it";
        Failure::environment(format!("can't read {}: {error}; {what}", path.display()))
    };
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    // Listed before any is written: what is written beside them is none of them.
    let paths: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()
        .map_err(|error| unreadable(folder, &error))?;
    for path in paths {
        let text = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
        if let Some(mended) = redactor.text(&text) {
            output::write(&path, &mended).map_err(Failure::environment)?;
        }
    }
    Ok(())
}

/// The manifest with nothing of the other side's in it that this side does not need.
fn alone(mut manifest: Manifest, side: Side) -> Manifest {
    // NEW's stores are OLD's, migrated by both.
    let needs_old = manifest.states.iter().any(|state| state.migrate_old.is_some());
    if side == Side::New && needs_old {
        return manifest;
    }
    for service in &mut manifest.services {
        let this = service.builds.get(side).clone();
        // It is made once: the other one is there only because there are always two.
        *service.builds.get_mut(side.other()) = manifest::BuildSpec { build: None, ..this };
    }
    for state in &mut manifest.states {
        if side == Side::Old {
            state.migrate_new = None;
        }
    }
    manifest
}

fn told(death: &Death) -> String {
    format!("`{}` died while its traffic was recorded, {}:\n  {}", death.server, death.exit, death.lines.join("\n  "))
}

fn orphaned() -> Failure {
    Failure::environment(FleetError::from(ProcessError::GuardianDied))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::secret::Secrets;

    /// A veil whose redactor, where there is one, has seen nothing.
    fn check(redactor: Option<Redactor>) {
        let mask = Mask::new(&Secrets::new([("password".to_owned(), "hunter22".to_owned())]));
        let shown = hidden(redactor.map(Mutex::new).as_ref(), &mask, b"got hunter22").unwrap_or_default();
        assert_eq!(String::from_utf8_lossy(&shown), "got {secret:password#1}");
    }

    #[test]
    fn what_the_manifest_calls_a_secret_is_in_no_log_whether_the_recording_is_redacted_or_not() {
        check(Some(Redactor::new()));
        check(None);
    }

    #[test]
    fn logs_are_mended_whole_and_nothing_is_left_beside_them() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let log = folder.path().join("shop.log");
        std::fs::write(&log, "sent hunter22\n").unwrap_or_else(|e| panic!("{e}"));
        let mut redactor = Redactor::new();
        let metadata = crate::model::Metadata::from_iter([("Authorization", "Bearer hunter22")]);
        redactor.learn(&crate::model::Call { metadata, ..Default::default() }, None);
        assert!(mend(folder.path(), &redactor).is_ok());
        let text = std::fs::read_to_string(&log).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(text, "sent {secret:bearer#1}\n");
        assert_eq!(std::fs::read_dir(folder.path()).map(Iterator::count).unwrap_or_default(), 1);
    }
}
