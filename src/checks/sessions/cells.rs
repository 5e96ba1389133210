//! One step of a splice, judged: what OLD and NEW on one store answered, against what two of the answering kind did at the same
//! step.
//!
//! The recording is the witness that both controls are held against. A control of the other generation need not give what was
//! recorded in every field (that is for `replay` to tell): it is enough that it answers with the same status, and that the
//! clients' own server agrees with their recording. What only NEW knows of is not missed where OLD wrote: OLD's rows of before
//! the release are without it too. Where NEW itself had written there, and OLD no more than rewritten it, it is lost.

use super::play::Seen;
use super::stand::{AWAY, HOME, MIXED};
use crate::checks::declared::Declared;
use crate::checks::seam::Job;
use crate::compare::{Found, Judgement, Standing, Trial, View, departure, judge, knows};
use crate::manifest::{Client, RecordingSpec};
use crate::model::{At, Direction, Exchange, Fold, Observation, Pair, Severity, Side};

/// What is the same for all sessions of a recording.
pub(super) struct Cells<'a> {
    /// Whose clients made the calls.
    pub(super) home: Side,
    /// They belong to neither side.
    any: bool,
    declared: Declared<'a>,
}

/// What earlier runs of the same story gave at its last step.
#[derive(Debug, Default)]
pub(super) struct Kept {
    control: Vec<(Observation, Fold)>,
    mixed: Vec<(Observation, Fold)>,
}

/// What came of a step.
#[derive(Debug)]
pub(super) struct Weighed {
    pub(super) judgement: Judgement,
    /// What two servers of a kind do to each other, where one alone does better.
    pub(super) troubles: Pair<Option<String>>,
    /// Whether the clients' own server agrees with the recording; none where nothing was recorded.
    pub(super) faithful: Option<bool>,
    /// The answering side's own server gives what no client of the other generation expects: that is for `replay` to tell.
    pub(super) is_told_elsewhere: bool,
}

/// Who answers that side's clients in a lane where it stands with its own kind.
pub(super) fn control_of(home: Side, side: Side) -> usize {
    if side == home { HOME } else { AWAY }
}

impl<'a> Cells<'a> {
    pub(super) fn new(job: &'a Job<'a>, spec: &RecordingSpec) -> Self {
        Self {
            home: if spec.client == Client::New { Side::New } else { Side::Old },
            any: spec.client == Client::Any,
            declared: Declared::of(job.manifest, job.promised, Some(&spec.service)),
        }
    }

    /// Judges a step.
    pub(super) fn weigh(&self, seen: &Seen<'_>, earlier: &Kept) -> Weighed {
        let control = control_of(self.home, seen.turn);
        let faithful = Self::agrees(seen, HOME).or_else(|| self.any.then(|| Self::agrees(seen, AWAY)).flatten());
        let faithful = faithful.map(|home| home || (self.any && Self::agrees(seen, AWAY) == Some(true)));
        let (is_stranger, is_told_elsewhere) = self.expectation(seen, control, faithful);
        let mut judgement = self.judge(seen, control, MIXED, earlier, is_stranger);
        if is_stranger && matches!(judgement.standing, Standing::Stale(_)) {
            judgement.standing = Standing::Compared { recorded: false };
        }
        judgement.found.retain(|found| found.severity > Severity::Info && !self.is_unknown_to_the_writer(seen, found));
        let troubles = Pair::new(Side::Old, Side::New).map(|side| self.trouble(seen, side));
        Weighed { judgement, troubles, faithful, is_told_elsewhere }
    }

    /// Whether the control itself shows it, one alone held against two of a kind.
    pub(super) fn shows_it_too(&self, seen: &Seen<'_>, rule: &str, at: &str) -> bool {
        let control = control_of(self.home, seen.turn);
        let itself = self.judge(seen, control, control + 1, &Kept::default(), true);
        itself.found.iter().any(|found| found.rule.id == rule && found.at == at)
    }

    /// Whether the recording is no measure for the control at this step beyond its status, and whether even that differs
    /// although the clients' own server agrees with it.
    fn expectation(&self, seen: &Seen<'_>, control: usize, faithful: Option<bool>) -> (bool, bool) {
        let (Some(recorded), Some(answer)) = (&seen.recorded, seen.step.observations[control].answer()) else {
            return (false, false);
        };
        let is_own = control == HOME && !self.any;
        if is_own || faithful != Some(true) || Self::agrees(seen, control) == Some(true) {
            return (false, false);
        }
        let same_status = recorded.answer().is_some_and(|recorded| recorded.ended_as(answer));
        (same_status, !same_status)
    }

    /// Whether a lane's answer agrees with the recorded one.
    fn agrees(seen: &Seen<'_>, lane: usize) -> Option<bool> {
        let recorded = seen.recorded.as_ref()?.answer()?;
        let Some(live) = seen.step.observations[lane].answer() else { return Some(false) };
        Some(departure(recorded, seen.session.recorded_fold(), live, seen.session.fold(lane)).is_none())
    }

    fn judge(&self, seen: &Seen<'_>, control: usize, mixed: usize, earlier: &Kept, is_stranger: bool) -> Judgement {
        let view = |lane: usize| View { observation: &seen.step.observations[lane], fold: seen.session.fold(lane) };
        let mut control_witnesses = views(&earlier.control);
        let thorough = !control_witnesses.is_empty();
        if mixed == MIXED {
            control_witnesses.insert(0, view(control + 1));
        }
        let direction = Direction::mixed_from(seen.turn.other());
        judge(&Trial {
            direction,
            method: &seen.exchange.call.method,
            fetch_dest: seen.exchange.call.metadata.get("sec-fetch-dest"),
            control: view(control),
            mixed: view(mixed),
            recorded: seen
                .recorded
                .as_ref()
                .filter(|_| !is_stranger)
                .map(|observation| View { observation, fold: seen.session.recorded_fold() }),
            control_witnesses,
            mixed_witnesses: if mixed == MIXED { views(&earlier.mixed) } else { Vec::new() },
            used: seen.step.needed.get(mixed).map_or(&[], Vec::as_slice),
            sent: seen.session.sent(),
            reader: self.declared.reader(seen.subject, direction, &seen.step.observations[mixed]),
            ignored: self.declared.ignored(seen.subject, direction),
            unordered: self.declared.unordered(seen.subject, direction),
            thorough,
        })
    }

    /// What two of a kind on one store do to each other.
    fn trouble(&self, seen: &Seen<'_>, side: Side) -> Option<String> {
        let control = control_of(self.home, side);
        let reply = |lane: usize| match &seen.step.observations[lane] {
            Observation::Answer(answer) => Some(answer.outcome()),
            Observation::Fault(fault) => Some(format!("nothing ({fault})")),
            Observation::Blocked { .. } | Observation::NotSent(_) => None,
        };
        let (two, one) = (reply(control)?, reply(control + 1)?);
        if two != one {
            return Some(format!("{}: two {side} servers on one store answer {two}, one alone {one}", seen.subject));
        }
        (Self::agrees(seen, control) == Some(false) && Self::agrees(seen, control + 1) == Some(true)).then(|| {
            format!("{}: two {side} servers on one store leave the recording, and one alone does not", seen.subject)
        })
    }

    /// Whether something is missed that OLD doesn't know of, and that NEW had not written there.
    fn is_unknown_to_the_writer(&self, seen: &Seen<'_>, found: &Found) -> bool {
        if seen.turn == Side::Old {
            return false;
        }
        let Some(old) = seen.step.observations[control_of(self.home, Side::Old)].answer() else { return false };
        !knows(old, &found.at) && !is_rewritten(seen)
    }
}

impl Kept {
    /// Keeps what a run gave at the last step of its story.
    pub(super) fn take(&mut self, seen: &Seen<'_>, home: Side) {
        let control = control_of(home, seen.turn);
        let lane = |lane: usize| (seen.step.observations[lane].clone(), seen.session.fold(lane).clone());
        self.control.extend([lane(control), lane(control + 1)]);
        self.mixed.push(lane(MIXED));
    }

    /// Keeps what another run gave besides.
    pub(super) fn append(&mut self, mut other: Self) {
        self.control.append(&mut other.control);
        self.mixed.append(&mut other.mixed);
    }

    pub(super) fn control(&self) -> &[(Observation, Fold)] {
        &self.control
    }

    pub(super) fn mixed(&self) -> &[(Observation, Fold)] {
        &self.mixed
    }
}

/// Whether NEW wrote what is read here, and OLD has made none of it anew.
fn is_rewritten(seen: &Seen<'_>) -> bool {
    let wrote = |side: Side| {
        let earlier = seen.earlier.iter().filter(move |(_, answered)| *answered == side);
        earlier
            .map(|(exchange, _)| *exchange)
            .filter(|earlier| !earlier.call.is_safe() && is_related(earlier, seen.exchange))
    };
    let made = |earlier: &Exchange| {
        is_bound(seen.exchange, earlier) || earlier.reply.as_ref().is_some_and(|reply| reply.status == 201)
    };
    wrote(Side::New).next().is_some() && !wrote(Side::Old).any(made)
}

/// Whether two calls are about one thing: one path is the beginning of the other, or the later one names what the earlier gave.
fn is_related(earlier: &Exchange, later: &Exchange) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let (one, other) = (earlier.call.path(), later.call.path());
    within(one, other) || within(other, one) || is_bound(later, earlier)
}

/// Whether a call names something, other than in a cookie or another header, that the reply to an earlier one gave first.
pub(super) fn is_bound(later: &Exchange, earlier: &Exchange) -> bool {
    let names = |at: &At| !matches!(at, At::Cookie(_) | At::Header(_));
    let mut bindings = later.bindings.iter().filter(|binding| names(&binding.at.at));
    bindings.any(|binding| binding.from.iter().map(|from| from.exchange).min() == Some(earlier.index))
}

fn views(kept: &[(Observation, Fold)]) -> Vec<View<'_>> {
    kept.iter().map(|(observation, fold)| View { observation, fold }).collect()
}
