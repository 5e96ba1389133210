//! What the check will do, in words.

use super::NAME;
use super::calls::MOST;
use super::roads::has_commands;
use crate::checks::concluding::RUNS;
use crate::checks::seam::{CheckError, Part};
use crate::manifest::{Client, Manifest, Service, SourceSpec};
use crate::model::Side;
use crate::model::secret::Secrets;
use crate::traffic::Recording;

/// The plan; none where nothing is shared, or where nothing migrates it and nobody was recorded.
pub(super) fn plan(manifest: &Manifest, secrets: &Secrets) -> Result<Option<Part>, CheckError> {
    if unfit(manifest).is_some() || manifest.states.is_empty() {
        return Ok(None);
    }
    if manifest.recordings.is_empty() && !has_commands(manifest) {
        return Ok(None);
    }
    if manifest.services.iter().any(|service| Side::BOTH.iter().any(|side| service.builds.get(*side).run.is_none())) {
        return Ok(None);
    }
    let mut recordings = Vec::new();
    for spec in &manifest.recordings {
        recordings.push(Recording::open(&spec.file)?.given(secrets));
    }
    let shared = manifest.states.iter().all(|state| state.shared);
    let mut steps = Vec::new();
    if has_commands(manifest) {
        steps.push("the data: OLD's seeded store, migrated and, where there is a way back, taken back and compared row by row; and migrated once more".to_owned());
    } else {
        steps.push("no migrate.new: whether NEW migrates when it starts is found out by starting each build on OLD's seeded store".to_owned());
    }
    for spec in &manifest.recordings {
        steps.push(match spec.client {
            Client::New => format!(
                "{}: sent to NEW alone, and read by OLD after going back, with and without the down-migration",
                spec.name
            ),
            Client::Old | Client::Any => {
                format!("{}: at each checkpoint, up to {MOST} calls, all of them at the same time", spec.name)
            }
        });
    }
    if shared {
        steps.push(
            "C2: OLD serves, the store is migrated under it, and OLD goes on with the connections that it has"
                .to_owned(),
        );
        steps.push("C5: OLD serves, the store is migrated, NEW starts beside it; NEW reads what OLD left, writes, and OLD reads".to_owned());
    } else {
        steps.push("`shared = false`: C2 and C5 are left out, since both would use the store at once".to_owned());
    }
    steps.push("C3: OLD, and a second one, started on the migrated store".to_owned());
    if has_commands(manifest) {
        steps.push("C4: NEW on the store as OLD left it".to_owned());
    }
    steps.push("C6, C7: NEW alone; then OLD on what NEW left, as it is and after `migrate.down`, where there is one; and what a backup would lose".to_owned());
    if manifest.states.iter().any(|state| state.migrate_down.is_some()) {
        steps.push("C8: migrated again after going back".to_owned());
    }
    steps.push(
        "beside them the controls: two of OLD on OLD's store, two of NEW on a store that was migrated for it"
            .to_owned(),
    );
    steps.push(format!("what is found runs {RUNS} times more on fresh copies before it is a finding"));
    Ok(Some(Part { check: NAME.to_owned(), steps, recordings }))
}

/// Why no build of this manifest can be put on a store of straddle's.
pub(super) fn unfit(manifest: &Manifest) -> Option<String> {
    if manifest.states.is_empty() {
        return None;
    }
    let is_running = |service: &&Service| {
        Side::BOTH.iter().any(|side| matches!(service.builds.get(*side).source, SourceSpec::Url(_)))
    };
    let service = manifest.services.iter().find(is_running)?;
    Some(format!("a build of service {} runs already: straddle can't put it on a store of its own", service.name))
}
