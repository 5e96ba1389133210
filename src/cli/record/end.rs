//! The end of a recording: its file made whole, and what a person is told.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::stand::mend;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::import::counted;
use crate::cli::output;
use crate::proxy::Recorder;
use crate::report::visible;
use crate::traffic::redaction::{Redaction, Redactor};
use crate::traffic::{self, Part, TrafficError};

/// Makes the recording whole, whatever ended it, and tells of what is not in it. `begun` says whether it came to recording, or
/// what ended it before its time.
///
/// `redactor` knows what was taken out while it recorded, where anything was.
pub(super) fn end(
    out: &Path,
    recorder: &Recorder,
    redactor: Option<&Mutex<Redactor>>,
    begun: Result<bool, Failure>,
) -> Result<Exit, Failure> {
    let finished = recorder.clone().finish();
    let tally = recorder.tally();
    let is_empty = matches!(begun, Ok(true));
    let exit = match begun {
        Ok(true) => Exit::COMPATIBLE,
        Ok(false) => Exit::INTERRUPTED,
        Err(trouble) => trouble.tell(),
    };
    for note in tally.notes() {
        output::say(&format!("note: {}", visible(&note)));
    }
    let part = finished.map_err(|error| {
        left(out, tally.exchanges());
        Failure::environment(error)
    })?;
    if tally.exchanges() == 0 {
        part.remove().map_err(Failure::environment)?;
        if is_empty {
            output::say(&format!("nothing came through: {} is not written", out.display()));
        }
        return Ok(exit.over(Exit::INCONCLUSIVE));
    }
    // What was found late is taken out of what came early.
    let redaction = redactor.map_or(Redaction::Off, |redactor| {
        Redaction::On(std::mem::take(&mut *redactor.lock().unwrap_or_else(PoisonError::into_inner)))
    });
    let imported = traffic::import_new(&[part.path().to_owned()], out, redaction).map_err(|error| {
        left(out, tally.exchanges());
        Failure::environment(error)
    })?;
    part.remove().map_err(Failure::environment)?;
    for note in &imported.notes {
        output::say(&format!("note: {}", visible(note)));
    }
    let text = format!(
        "{}: {} in {}, {} bound to the replies that give them out\n",
        out.display(),
        counted(imported.exchanges, "exchange"),
        counted(imported.sessions, "session"),
        counted(imported.bindings, "value"),
    );
    output::print(&text).map(|()| exit)
}

/// What stays where somebody does not wait for the end.
pub(super) struct Leaving {
    pub out: PathBuf,
    pub recorder: Recorder,
    pub redactor: Option<Arc<Mutex<Redactor>>>,
    /// Where the build's logs lie, where it is one of the manifest's and has come so far.
    pub logs: Arc<OnceLock<PathBuf>>,
}

impl Leaving {
    /// Takes credentials that are known by now out of the logs, and says what stays and where.
    pub fn tell(&self) {
        if let Some(logs) = self.logs.get().filter(|logs| logs.is_dir()) {
            // What is said asks the redactor too: it must not be held by then.
            let mended = self.redactor.as_ref().map(|redactor| {
                let redactor = redactor.lock().unwrap_or_else(PoisonError::into_inner);
                mend(logs, &redactor)
            });
            if let Some(Err(failure)) = mended {
                failure.tell();
            }
            output::say(&format!("what the build logged stays in {}", logs.display()));
        }
        if Part::path_of(&self.out).exists() {
            left(&self.out, self.recorder.tally().exchanges());
        }
    }
}

/// What is left where the recording can't be made whole.
fn left(out: &Path, exchanges: u64) {
    let part = Part::path_of(out);
    output::say(&format!(
        "what was recorded is in {}, {}; `straddle import {} --out {}` makes a recording of it",
        part.display(),
        counted(exchanges, "exchange"),
        part.display(),
        out.display()
    ));
}

/// That a file is in the way is for whoever typed its name to mend.
pub(super) fn of_file(error: TrafficError) -> Failure {
    match error {
        TrafficError::Taken { .. } | TrafficError::BeingWritten { .. } | TrafficError::LeftBehind { .. } => {
            Failure::usage(error)
        }
        _ => Failure::environment(error),
    }
}
