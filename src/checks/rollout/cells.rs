//! One call, judged: what replicas of both builds on one store answered, against what the dance of the answering build's own kind
//! did with the same call at the same moment.
//!
//! Where a dance of one kind does otherwise than one of that kind alone, which nobody replaces, that is its own trouble, and
//! nothing is said of the call. What only NEW knows of is not missed: rows that OLD made are without it.

use super::stand::{MIXED, NEW, OLD, control_of};
use crate::checks::declared::Declared;
use crate::checks::seam::Job;
use crate::compare::{Judgement, Standing, Trial, View, departure, judge, knows, reply_evidence, request_evidence};
use crate::drive::{Session, Step};
use crate::manifest::{Client, RecordingSpec};
use crate::model::{Answer, Content, Direction, Evidence, Exchange, Observation, Pair, Severity, Side};

/// What is the same for all calls of a recording.
pub(super) struct Cells<'a> {
    /// Its clients belong to neither side.
    any: bool,
    declared: Declared<'a>,
}

/// A call, in all lanes.
pub(super) struct Seen<'s> {
    pub(super) exchange: &'s Exchange,
    /// Whose replica took it.
    pub(super) turn: Side,
    pub(super) session: &'s Session,
    pub(super) step: &'s Step,
    /// The recorded reply, as if a lane had given it.
    pub(super) recorded: Option<Observation>,
    /// Why each lane has less than a whole reply, where that is so.
    pub(super) lost: Vec<Option<String>>,
    /// A replica has died of it: that is told, and says why it was lost.
    pub(super) is_deadly: bool,
    pub(super) subject: &'s str,
}

/// What came of a call.
pub(super) struct Weighed {
    pub(super) judgement: Judgement,
    /// What the dance of a kind does by itself.
    pub(super) troubles: Pair<Option<String>>,
    /// How the call was lost, where no dance of one kind loses it.
    pub(super) lost: Option<String>,
    /// Whether OLD agrees with the recording; none where nothing was recorded.
    pub(super) faithful: Option<bool>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(job: &'a Job<'a>, spec: &RecordingSpec) -> Self {
        Self {
            any: spec.client == Client::Any,
            declared: Declared::of(job.manifest, job.promised, Some(&spec.service)),
        }
    }

    /// Judges a call.
    pub(super) fn weigh(&self, seen: &Seen<'_>) -> Weighed {
        let faithful =
            Self::agrees(seen, OLD).map(|agrees| agrees || (self.any && Self::agrees(seen, NEW) == Some(true)));
        let troubles = Pair::new(Side::Old, Side::New).map(|side| Self::trouble(seen, side));
        let is_troubled = troubles.old.is_some() || troubles.new.is_some();
        let lost = seen.lost.get(MIXED).cloned().flatten().filter(|_| !is_troubled && !seen.is_deadly);
        let mut judgement = self.judge(seen, faithful);
        judgement.found.retain(|found| found.severity > Severity::Info && !is_unknown_to_old(seen, &found.at));
        // A lost call is told as that.
        if is_troubled || seen.lost.iter().any(Option::is_some) {
            judgement.found.clear();
        }
        Weighed { judgement, troubles, lost, faithful }
    }

    fn judge(&self, seen: &Seen<'_>, faithful: Option<bool>) -> Judgement {
        let control = control_of(seen.turn);
        // NEW need not give OLD's clients all that was recorded: that is for `replay` to tell.
        let is_stranger =
            (control == NEW || self.any) && faithful == Some(true) && Self::agrees(seen, control) == Some(false);
        let view = |lane: usize| View { observation: &seen.step.observations[lane], fold: seen.session.fold(lane) };
        let direction = Direction::mixed_from(seen.turn.other());
        let mut judgement = judge(&Trial {
            direction,
            method: &seen.exchange.call.method,
            fetch_dest: seen.exchange.call.metadata.get("sec-fetch-dest"),
            control: view(control),
            mixed: view(MIXED),
            recorded: seen
                .recorded
                .as_ref()
                .filter(|_| !is_stranger)
                .map(|observation| View { observation, fold: seen.session.recorded_fold() }),
            control_witnesses: vec![view(control + 1)],
            mixed_witnesses: Vec::new(),
            used: seen.step.needed.get(MIXED).map_or(&[], Vec::as_slice),
            sent: seen.session.sent(),
            reader: self.declared.reader(seen.subject, direction, &seen.step.observations[MIXED]),
            ignored: self.declared.ignored(seen.subject, direction),
            unordered: self.declared.unordered(seen.subject, direction),
            thorough: false,
        });
        if is_stranger && matches!(judgement.standing, Standing::Stale(_)) {
            judgement.standing = Standing::Compared { recorded: false };
        }
        judgement
    }

    /// Whether a lane's answer agrees with the recorded one.
    fn agrees(seen: &Seen<'_>, lane: usize) -> Option<bool> {
        let recorded = seen.recorded.as_ref()?.answer()?;
        let Some(live) = seen.step.observations[lane].answer() else { return Some(false) };
        Some(departure(recorded, seen.session.recorded_fold(), live, seen.session.fold(lane)).is_none())
    }

    /// What a dance of that kind does, and one of it alone does not.
    fn trouble(seen: &Seen<'_>, side: Side) -> Option<String> {
        let dance = control_of(side);
        let lost = |lane: usize| seen.lost.get(lane).and_then(Option::as_ref);
        if let (Some(how), None) = (lost(dance), lost(dance + 1)) {
            return Some(format!("{}: {side} replaced by {side} loses it: {how}", seen.subject));
        }
        let status = |lane: usize| seen.step.observations[lane].answer().map(Answer::outcome);
        match (status(dance), status(dance + 1)) {
            (Some(two), Some(one)) if two != one => Some(format!(
                "{}: {side} replaced by {side} answers {two}, one alone that stays as it is {one}",
                seen.subject
            )),
            _ => (Self::agrees(seen, dance) == Some(false) && Self::agrees(seen, dance + 1) == Some(true)).then(|| {
                format!(
                    "{}: {side} replaced by {side} leaves the recording, and one alone that stays as it is does not",
                    seen.subject
                )
            }),
        }
    }
}

/// What the call looked like: what the control answered, and what the mixed replicas did.
pub(super) fn evidence(seen: &Seen<'_>) -> Evidence {
    let control = control_of(seen.turn);
    let lane = |lane: usize| (&seen.step.observations[lane], seen.session.fold(lane));
    let call = &seen.exchange.call;
    let ((expected, fold), (got, mixed_fold)) = (lane(control), lane(MIXED));
    Evidence {
        request: request_evidence(
            call,
            seen.step.carried.as_ref().map(Content::document),
            seen.session.recorded_fold(),
        ),
        expected_reply: reply_evidence(expected, fold, &[lane(control + 1)]),
        reply: reply_evidence(got, mixed_fold, &[]),
        ..Evidence::default()
    }
}

/// Whether an unsafe call has not done in all lanes what it has in one: from then on their stores are not alike.
pub(super) fn parts_ways(seen: &Seen<'_>) -> bool {
    let has_done = |observation: &Observation| observation.answer().is_some_and(|answer| !answer.is_failure());
    let mut all = seen.step.observations.iter().map(has_done);
    let first = all.next();
    !seen.exchange.call.is_safe() && all.any(|done| Some(done) != first)
}

/// Whether something is missed in NEW's answer that OLD doesn't know of.
fn is_unknown_to_old(seen: &Seen<'_>, at: &str) -> bool {
    seen.turn == Side::New && seen.step.observations[OLD].answer().is_some_and(|old| !knows(old, at))
}
