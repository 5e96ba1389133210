//! What the roll-out will be, in words.

use super::NAME;
use super::choose::{Choice, choose};
use super::dance::{AT_ONCE, LIVE};
use super::schedule::{Schedule, Stage};
use crate::checks::concluding::RUNS;
use crate::checks::seam::{CheckError, Part};
use crate::manifest::{Manifest, RolloutSpec, Service, SourceSpec};
use crate::model::Side;
use crate::model::secret::Secrets;
use crate::traffic::Recording;

/// The plan; none where the manifest asks for no roll-out.
pub(super) fn plan(manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
    if manifest.rollout.is_none() {
        return Ok(None);
    }
    let mut recordings = Vec::new();
    for spec in &manifest.recordings {
        recordings.push(Recording::open(&spec.file)?.given(secrets));
    }
    let why = unshown(manifest, &choose(manifest, &recordings)?);
    let steps = why.map(|why| format!("nothing is started: {why}")).into_iter().collect();
    Ok(Some(Part { check: NAME.to_owned(), steps, recordings }))
}

/// What it will be with that seed.
pub(super) fn seeded(manifest: &Manifest, part: &Part, seed: u64) -> Result<Vec<String>, CheckError> {
    let choice = choose(manifest, &part.recordings)?;
    match &manifest.rollout {
        Some(spec) if unshown(manifest, &choice).is_none() => Ok(steps(manifest, spec, &choice, seed)),
        _ => Ok(Vec::new()),
    }
}

/// Why nothing can be shown, by what the manifest says.
pub(super) fn unshown(manifest: &Manifest, choice: &Choice) -> Option<String> {
    let is_running = |service: &&Service| {
        Side::BOTH.iter().any(|side| matches!(service.builds.get(*side).source, SourceSpec::Url(_)))
    };
    if let Some(service) = manifest.services.iter().find(is_running) {
        let name = &service.name;
        return Some(format!("a build of service {name} runs already: straddle can't replace what it did not start"));
    }
    if let Some(state) = manifest.states.iter().find(|state| !state.shared) {
        return Some(format!("state {} says `shared = false`: replicas can't use it at once", state.name));
    }
    let is_empty = choice.pieces.is_empty();
    is_empty.then(|| "no recording of old clients, or of any, has a session that could run meanwhile".to_owned())
}

fn steps(manifest: &Manifest, spec: &RolloutSpec, choice: &Choice, seed: u64) -> Vec<String> {
    let schedule = Schedule::new(manifest, spec, choice.pieces.len(), seed);
    let mut steps = vec![format!(
        "{} replicas on one store behind a balancer go from old to new; beside them, as controls, as many of old and as many of new are replaced by their own kind at the same moments, and one of each stands alone: all take the same calls",
        schedule.replicas
    )];
    let sessions: Vec<String> = schedule
        .sessions
        .iter()
        .map(|index| {
            let piece = &choice.pieces[*index];
            let (name, requests) = (&manifest.recordings[piece.recording].name, piece.exchanges.len());
            format!("{name} session {} ({requests})", piece.session)
        })
        .collect();
    steps.push(format!(
        "sessions run all the time, {} at once, each call to a replica that is drawn; they begin in this order, and again: {}",
        AT_ONCE.min(sessions.len()),
        sessions.join(", ")
    ));
    steps.extend(schedule.stages.iter().map(words));
    steps.push(format!(
        "a replica is replaced: it gets no more calls, SIGTERM comes while a slow call is under way, if there is one, then the other build starts; {LIVE} calls go to the others meanwhile"
    ));
    steps.push(format!("what is found is tried {RUNS} times more, each time the whole roll-out on fresh copies"));
    steps.extend(notes(choice));
    steps
}

fn words(stage: &Stage) -> String {
    let mut done = Vec::new();
    if stage.migrates {
        done.push("`migrate.new` runs while old serves".to_owned());
    }
    if !stage.replaces.is_empty() {
        let names: Vec<String> = stage.replaces.iter().map(|number| Schedule::replica(*number)).collect();
        let are = if names.len() == 1 { "is replaced" } else { "are replaced, one after the other" };
        done.push(format!("{} {are}", names.join(", ")));
    }
    let back = if stage.is_first() { "" } else { ", and going back is tried on a copy" };
    done.push(format!("every session runs{back}"));
    format!("checkpoint {}: {}", stage.name, done.join("; "))
}

/// What is left out of what could run.
pub(super) fn notes(choice: &Choice) -> Vec<String> {
    let mut notes = Vec::new();
    if choice.alike > 0 {
        notes.push(format!("{} more sessions call the same in the same order, and don't run", choice.alike));
    }
    if choice.too_many > 0 {
        notes.push(format!("{} more sessions don't run: there are too many that differ", choice.too_many));
    }
    notes.extend(
        choice
            .of_new
            .iter()
            .map(|name| format!("{name} does not run: nobody has clients of new before the first replica is new")),
    );
    notes
}
