//! What `check`, `replay` and `reproduce` have in common: a plan is made, shown or run, and its run comes back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::exit::Exit;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::output;
use super::progress::Progress;
use super::reports::Reports;
use super::surroundings::{cache, secrets, today};
use crate::engine::{self, Again, Options, Outcome};
use crate::manifest::Manifest;
use crate::model::{Run, Verdict};
use crate::process::Launch;
use crate::report::renderer;

/// Options that say nothing, with what only the surroundings know filled in.
pub(super) fn options(manifest: &Manifest) -> Result<Options, Failure> {
    let launch = Launch::detect()
        .map_err(|error| Failure::environment(format!("straddle can't find its own program: {error}")))?;
    Ok(Options {
        only: Vec::new(),
        skip: Vec::new(),
        self_side: None,
        seed: 0,
        shard: None,
        budget: None,
        jobs: None,
        force_bindings: false,
        secrets: secrets(manifest)?,
        today: today(),
        home: home(&manifest.folder),
        cache: cache()?,
        launch,
        again: Again::ById,
        reproduce: None,
    })
}

/// straddle's own folder beside a manifest.
fn home(folder: &Path) -> PathBuf {
    folder.join(".straddle")
}

/// The report that the last run left.
pub(super) fn last(folder: &Path) -> PathBuf {
    home(folder).join("last.json")
}

/// Runs it, keeps the run as the last one, and writes the reports.
pub(super) fn check(manifest: Manifest, options: Options, reports: &Reports, plan_only: bool) -> Result<Exit, Failure> {
    reports.check()?;
    let last = last(&manifest.folder);
    let plan = engine::plan(manifest, options)?;
    if plan_only {
        return output::print(&plan.to_string()).map(|()| Exit::COMPATIBLE);
    }
    let Outcome { run, exit, trouble } = run(plan)?;
    if let Some(trouble) = trouble {
        // The reports say which check failed; the last lines of a log are for whoever watches.
        Failure::environment(trouble).tell();
    }
    let kept = keep(&last, &run);
    let written = reports.write(&run);
    if let Some(files) = reports.files_alone() {
        output::say(&format!("{}: see {files}", word(run.verdict)));
    }
    Ok(Exit::of(exit).over(kept).over(written))
}

/// Runs a plan to its end.
pub(super) fn run(plan: engine::Plan) -> Result<Outcome, Failure> {
    let interrupt = Interrupt::listen()?;
    let progress = Progress::start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::environment(format!("straddle can't start its threads: {error}")))?;
    let outcome = runtime.block_on(engine::run(plan, progress.events(), interrupt.cancel()));
    progress.finish();
    // All processes are gone by now: what still waits for one waits in vain.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(outcome)
}

fn keep(path: &Path, run: &Run) -> Exit {
    let json = renderer("json").map(|json| json.render(run, &super::surroundings::FILE_STYLE));
    match output::write(path, json.unwrap_or_default().as_bytes()) {
        Ok(()) => Exit::COMPATIBLE,
        Err(error) => Failure::environment(error).tell(),
    }
}

/// The word for a verdict.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "compatible",
        Verdict::Incompatible => "incompatible",
        Verdict::Inconclusive => "inconclusive",
    }
}
