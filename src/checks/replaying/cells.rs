//! The four cells of one direction on one recording: control, its twin, mixed, its twin.

use super::pass::Visited;
use crate::checks::concluding::Key;
use crate::checks::declared::Declared;
use crate::checks::seam::Job;
use crate::compare::{Found, Trial, View};
use crate::model::{Direction, Exchange, Replay};
use crate::traffic::Recording;

/// The lanes by number, as `drive` has them.
pub(super) const CONTROL: usize = 0;
/// The control's twin.
pub(super) const TWIN: usize = 1;
/// The same clients with the other server.
pub(super) const MIXED: usize = 2;
/// The mixed cell's twin.
pub(super) const MIXED_TWIN: usize = 3;

/// What is the same for all exchanges of a recording in a direction.
pub(super) struct Cells<'a> {
    pub(super) direction: Direction,
    pub(super) recording: &'a Recording,
    /// The recording's name in the manifest.
    pub(super) name: &'a str,
    pub(super) declared: Declared<'a>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(
        job: &'a Job<'a>,
        service: &str,
        recording: &'a Recording,
        name: &'a str,
        direction: Direction,
    ) -> Self {
        Self { direction, recording, name, declared: Declared::of(job.manifest, job.promised, Some(service)) }
    }

    /// An exchange as comparing is given it, with `mixed` in the mixed cell's place and what earlier runs saw.
    pub(super) fn trial<'t>(
        &'t self,
        visited: &'t Visited,
        mixed: usize,
        earlier_control: Vec<View<'t>>,
        earlier_mixed: Vec<View<'t>>,
    ) -> Trial<'t> {
        let view =
            |lane: usize| View { observation: &visited.step.observations[lane], fold: visited.session.fold(lane) };
        let thorough = !earlier_control.is_empty();
        let (mut control_witnesses, mut mixed_witnesses) = (earlier_control, earlier_mixed);
        if mixed == MIXED {
            control_witnesses.insert(0, view(TWIN));
            mixed_witnesses.insert(0, view(MIXED_TWIN));
        }
        Trial {
            direction: self.direction,
            method: &visited.exchange.call.method,
            fetch_dest: visited.exchange.call.metadata.get("sec-fetch-dest"),
            control: view(CONTROL),
            mixed: view(mixed),
            recorded: visited
                .recorded
                .as_ref()
                .map(|observation| View { observation, fold: visited.session.recorded_fold() }),
            control_witnesses,
            mixed_witnesses,
            used: visited.step.needed.get(mixed).map_or(&[], Vec::as_slice),
            sent: visited.session.sent(),
            reader: self.declared.reader(&visited.subject, self.direction, &visited.step.observations[mixed]),
            ignored: self.declared.ignored(&visited.subject, self.direction),
            unordered: self.declared.unordered(&visited.subject, self.direction),
            thorough,
        }
    }

    pub(super) fn key(&self, subject: &str, found: &Found) -> Key {
        Key {
            subject: subject.to_owned(),
            direction: self.direction,
            rule: found.rule.id.to_owned(),
            at: found.at.clone(),
        }
    }

    /// Where in which recording.
    pub(super) fn replay(&self, exchange: &Exchange) -> Replay {
        Replay {
            recording: self.name.to_owned(),
            digest: self.recording.digest.clone(),
            session: exchange.session,
            exchange: exchange.index,
        }
    }
}
