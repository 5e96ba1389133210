//! What splicing will do, in words.

use super::NAME;
use super::choose::{Choice, LONGEST, choose};
use super::session::{MOST_FRESH, most};
use super::splices::Ways;
use crate::checks::concluding::RUNS;
use crate::checks::seam::{CheckError, Part};
use crate::manifest::{Client, Manifest, Service, SourceSpec};
use crate::model::Side;
use crate::model::secret::Secrets;
use crate::traffic::Recording;

/// The plan; none where no recording has a session of two requests to a service of which both builds can be started.
pub(super) fn plan(manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
    if unfit(manifest).is_some() || manifest.recordings.is_empty() {
        return Ok(None);
    }
    let mut recordings = Vec::new();
    for spec in &manifest.recordings {
        recordings.push(Recording::open(&spec.file)?.given(secrets));
    }
    let choice = choose(manifest, &recordings, None)?;
    if choice.chosen.is_empty() {
        return Ok(None);
    }
    let mut steps = Vec::new();
    if let Some(why) = apart(manifest) {
        steps.push(format!("nothing is sent: {why}"));
        return Ok(Some(Part { check: NAME.to_owned(), steps, recordings }));
    }
    steps.push(
        "old+new on one store, and beside them old+old and new+new, each on a store of its own, and old and new each alone: all take the same calls, on copies that are migrated to what NEW expects".to_owned(),
    );
    for chosen in &choice.chosen {
        let spec = &manifest.recordings[chosen.recording];
        let home = if spec.client == Client::New { Side::New } else { Side::Old };
        let ways =
            Ways { writes: &chosen.writes, home, most: most(chosen.writes.len(), manifest.replay.settle), seed: 0 };
        steps.push(format!(
            "{} session {}, {} requests: {}",
            spec.name,
            chosen.session,
            chosen.writes.len(),
            ways.in_words()
        ));
    }
    steps.extend(alike(manifest, &choice));
    steps.extend(notes(manifest, &choice));
    steps.push(
        "in that order: by one build, the clients' own first; a switch at each step, from each side in turn; two switches around what writes, the shortest stretch first; then drawn by the seed".to_owned(),
    );
    steps.push(format!(
        "a session that works only once is spliced in {MOST_FRESH} ways at the most, each on fresh copies"
    ));
    steps.push(format!(
        "what fails is brought to its shortest story, which runs {RUNS} times more on fresh copies before it is a finding"
    ));
    Ok(Some(Part { check: NAME.to_owned(), steps, recordings }))
}

/// Why no two builds of this manifest can be put on one store at all.
pub(super) fn unfit(manifest: &Manifest) -> Option<String> {
    let is_running = |service: &Service| {
        Side::BOTH.iter().any(|side| matches!(service.builds.get(*side).source, SourceSpec::Url(_)))
    };
    let service = manifest.services.iter().find(|service| is_running(service))?;
    Some(format!("a build of service {} runs already: straddle can't put it on one store with the other", service.name))
}

/// Why two processes can't be put on one store, by what the manifest says.
pub(super) fn apart(manifest: &Manifest) -> Option<String> {
    let state = manifest.states.iter().find(|state| !state.shared)?;
    Some(format!("state {} says `shared = false`: both builds can't use it at once", state.name))
}

/// Sessions that would show nothing more.
fn alike(manifest: &Manifest, choice: &Choice) -> Vec<String> {
    let told = |(number, alike): (&usize, &u64)| {
        let are = if *alike == 1 { " is" } else { "s are" };
        let name = &manifest.recordings[*number].name;
        format!("{name}: {alike} session{are} not spliced, whose calls stand in the order of sessions that are")
    };
    choice.alike.iter().map(told).collect()
}

/// What is left out of what could be spliced.
pub(super) fn notes(manifest: &Manifest, choice: &Choice) -> Vec<String> {
    let mut notes = Vec::new();
    for chosen in choice.chosen.iter().filter(|chosen| chosen.beyond > 0) {
        let name = &manifest.recordings[chosen.recording].name;
        notes.push(format!(
            "{name}: of session {} the first {LONGEST} requests are spliced, and not the {} after them",
            chosen.session, chosen.beyond
        ));
    }
    if choice.too_many > 0 {
        notes.push(format!("{} more sessions are not spliced: there are too many that differ", choice.too_many));
    }
    notes
}
