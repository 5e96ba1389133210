//! What a replay will do, in words.

use super::NAME;
use crate::checks::concluding::RUNS;
use crate::checks::replaying::withheld;
use crate::checks::seam::{CheckError, Part};
use crate::manifest::{Manifest, Order};
use crate::model::secret::Secrets;
use crate::traffic::Recording;

/// The plan; none where the manifest names no recording.
pub(super) fn plan(manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
    if manifest.recordings.is_empty() {
        return Ok(None);
    }
    let (mut steps, mut recordings) = (Vec::new(), Vec::new());
    for spec in &manifest.recordings {
        let recording = Recording::open(&spec.file)?.given(secrets);
        for note in recording.notes() {
            let note = format!("{}: {note}", spec.name);
            if !steps.contains(&note) {
                steps.push(note);
            }
        }
        steps.extend(withheld(manifest, spec, &recording));
        for direction in spec.client.directions() {
            let (control, mixed) = (direction.from, direction.to);
            steps.push(format!(
                "{}: {} exchanges of {} clients to service {}: control {control} and its twin, mixed {mixed} and its twin, each on its own copy of the store",
                spec.name,
                recording.count()?,
                direction.from,
                spec.service,
            ));
        }
        recordings.push(recording);
    }
    let replay = &manifest.replay;
    let order = match replay.order {
        Order::Recorded => "in recorded order, one after the other in all cells",
        Order::Free => "each session in its own order, sessions side by side",
    };
    steps.push(format!(
        "calls go out {order}; a reply may take {:?}; {:?} are waited after each unsafe call",
        replay.timeout, replay.settle
    ));
    for skipped in &replay.skip {
        steps.push(format!("left out: {skipped}"));
    }
    steps.push(format!("each candidate's sessions run {RUNS} times more on fresh copies before it is a finding"));
    Ok(Some(Part { check: NAME.to_owned(), steps, recordings }))
}
