//! One reply at a checkpoint, judged: against what the build that gave it answers at the same call where the other has never been.
//!
//! The first pass says whether a control can be trusted at a call: it agrees with the recording there, or at least in the
//! status where the calls are those of the other's clients. Later passes find rows that the first has left, so that the recording
//! is no measure for them; there the two controls have only each other, and the status of the recording.

use std::collections::HashMap;

use super::stand::{Nth, Role};
use crate::checks::declared::Declared;
use crate::checks::seam::Job;
use crate::compare::{Judgement, Standing, Trial, View, departure, judge, knows};
use crate::drive::{Session, Step};
use crate::manifest::RecordingSpec;
use crate::model::{Direction, Exchange, Fold, Observation, Severity, Side};

/// What is the same for all calls of a recording.
pub(super) struct Judge<'a> {
    /// Whose clients made the calls.
    pub(super) home: Side,
    declared: Declared<'a>,
}

/// One call that went everywhere.
pub(super) struct Seen<'s> {
    pub(super) pass: u8,
    pub(super) exchange: &'s Exchange,
    pub(super) session: &'s Session,
    pub(super) step: &'s Step,
    /// The recorded reply, as if a lane had given it.
    pub(super) recorded: Option<&'s Observation>,
    pub(super) subject: &'s str,
    pub(super) roles: &'s [Role],
}

/// How far a control is to be trusted at a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// It does what was recorded.
    Faithful,
    /// Nothing was recorded.
    Unknown,
    /// It does not, and how.
    Stale(String),
    /// It doesn't serve the other's clients so: that is for `replay` to tell.
    Elsewhere,
}

/// By side and exchange.
pub(super) type Trusts = HashMap<(Side, u64), Trust>;

/// What earlier runs gave at a place.
#[derive(Debug, Default)]
pub(super) struct Kept {
    control: Vec<(Observation, Fold)>,
    mixed: Vec<(Observation, Fold)>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(job: &'a Job<'a>, spec: Option<&RecordingSpec>, home: Side) -> Self {
        Self { home, declared: Declared::of(job.manifest, job.promised, spec.map(|spec| spec.service.as_str())) }
    }

    /// How far that side's control is to be trusted, by the first pass; none where it was not asked.
    pub(super) fn trust(&self, seen: &Seen<'_>, side: Side) -> Option<Trust> {
        let lane = seen.lane(Role::Control(side, Nth::First))?;
        let answer = match &seen.step.observations[lane] {
            Observation::Answer(answer) => answer,
            Observation::Fault(fault) => return Some(Trust::Stale(format!("the control gives no reply: {fault}"))),
            Observation::Blocked { .. } | Observation::NotSent(_) => return None,
        };
        let Some(recorded) = seen.recorded.and_then(Observation::answer) else { return Some(Trust::Unknown) };
        if side != self.home {
            return Some(if recorded.ended_as(answer) { Trust::Faithful } else { Trust::Elsewhere });
        }
        let left = departure(recorded, seen.session.recorded_fold(), answer, seen.session.fold(lane));
        Some(left.map_or(Trust::Faithful, |how| Trust::Stale(format!("the control has left its recording: {how}"))))
    }

    /// Judges the reply of a lane whose turn that side has.
    pub(super) fn weigh(&self, seen: &Seen<'_>, role: Role, turn: Side, trusts: &Trusts, kept: &Kept) -> Judgement {
        let nothing = |standing| Judgement {
            standing,
            found: Vec::new(),
            noisy: std::collections::BTreeSet::new(),
            leaves: 0,
            compared: 0,
        };
        let (Some(control), Some(twin), Some(mixed)) =
            (seen.lane(Role::Control(turn, Nth::First)), seen.lane(Role::Control(turn, Nth::Second)), seen.lane(role))
        else {
            return nothing(Standing::NotSent("there is no control".to_owned()));
        };
        let trust = trusts.get(&(turn, seen.exchange.index)).cloned().unwrap_or(Trust::Unknown);
        if let Trust::Stale(how) = trust {
            return nothing(Standing::ControlTrouble(how));
        }
        if trust == Trust::Elsewhere {
            return nothing(Standing::Stale(String::new()));
        }
        let recorded = seen.recorded.and_then(Observation::answer);
        let now = seen.step.observations[control].answer();
        if let (Some(recorded), Some(now)) = (recorded, now)
            && !recorded.ended_as(now)
        {
            let (recorded, now) = (recorded.outcome(), now.outcome());
            let how = format!("the control answers {now} where {recorded} was recorded: this call works only once");
            return nothing(Standing::ControlTrouble(how));
        }
        let measured = seen.pass == 1 && turn == self.home;
        let mut judgement = self.judge(seen, (control, twin, mixed), turn, kept, measured);
        if !measured && trust == Trust::Faithful && matches!(judgement.standing, Standing::Stale(_)) {
            judgement.standing = Standing::Compared { recorded: false };
        }
        let old =
            seen.lane(Role::Control(Side::Old, Nth::First)).and_then(|lane| seen.step.observations[lane].answer());
        judgement.found.retain(|found| {
            // What OLD doesn't know of is not missed where OLD wrote.
            let unknown_to_old = turn == Side::New && old.is_some_and(|old| !knows(old, &found.at));
            found.severity > Severity::Info && !unknown_to_old
        });
        judgement
    }

    /// Whether the control itself shows it, the one held against the other.
    pub(super) fn shows_it_too(&self, seen: &Seen<'_>, turn: Side, rule: &str, at: &str) -> bool {
        let lanes = [Nth::First, Nth::Second].map(|nth| seen.lane(Role::Control(turn, nth)));
        let [Some(control), Some(twin)] = lanes else { return true };
        let itself = self.judge(seen, (control, control, twin), turn, &Kept::default(), false);
        itself.found.iter().any(|found| found.rule.id == rule && found.at == at)
    }

    fn judge(
        &self,
        seen: &Seen<'_>,
        (control, twin, mixed): (usize, usize, usize),
        turn: Side,
        kept: &Kept,
        measured: bool,
    ) -> Judgement {
        let view = |lane: usize| View { observation: &seen.step.observations[lane], fold: seen.session.fold(lane) };
        let mut control_witnesses = views(&kept.control);
        let thorough = !control_witnesses.is_empty();
        control_witnesses.insert(0, view(twin));
        let recorded = seen.recorded.filter(|_| measured);
        let direction = Direction::mixed_from(turn.other());
        judge(&Trial {
            direction,
            method: &seen.exchange.call.method,
            fetch_dest: seen.exchange.call.metadata.get("sec-fetch-dest"),
            control: view(control),
            mixed: view(mixed),
            recorded: recorded.map(|observation| View { observation, fold: seen.session.recorded_fold() }),
            control_witnesses,
            mixed_witnesses: views(&kept.mixed),
            used: seen.step.needed.get(mixed).map_or(&[], Vec::as_slice),
            sent: seen.session.sent(),
            reader: self.declared.reader(seen.subject, direction, &seen.step.observations[mixed]),
            ignored: self.declared.ignored(seen.subject, direction),
            unordered: self.declared.unordered(seen.subject, direction),
            thorough,
        })
    }
}

impl Seen<'_> {
    /// Where that role's lane is.
    pub(super) fn lane(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|known| *known == role)
    }

    /// What a lane gave, with its names.
    fn shown(&self, role: Role) -> Option<(&Observation, &Fold)> {
        let lane = self.lane(role)?;
        Some((&self.step.observations[lane], self.session.fold(lane)))
    }

    /// The call, what the control answered and what was answered here, noise masked by what earlier runs gave.
    pub(super) fn evidence(&self, role: Role, turn: Side, kept: &Kept) -> crate::model::Evidence {
        use crate::compare::{reply_evidence, request_evidence};
        let call = &self.exchange.call;
        let reply = |role: Role, twin: Option<Role>, kept: &[(Observation, Fold)]| {
            let mut witnesses: Vec<_> = twin.and_then(|twin| self.shown(twin)).into_iter().collect();
            witnesses.extend(kept.iter().map(|(observation, fold)| (observation, fold)));
            self.shown(role).map(|(observation, fold)| reply_evidence(observation, fold, &witnesses))
        };
        let (control, twin) = (Role::Control(turn, Nth::First), Role::Control(turn, Nth::Second));
        crate::model::Evidence {
            request: request_evidence(
                call,
                self.step.carried.as_ref().map(crate::model::Content::document),
                self.session.recorded_fold(),
            ),
            expected_reply: reply(control, Some(twin), &kept.control).unwrap_or_default(),
            reply: reply(role, None, &kept.mixed).unwrap_or_default(),
            ..crate::model::Evidence::default()
        }
    }
}

impl Kept {
    /// Keeps what a run gave there.
    pub(super) fn take(&mut self, seen: &Seen<'_>, role: Role, turn: Side) {
        let own = |role: Role| seen.shown(role).map(|(observation, fold)| (observation.clone(), fold.clone()));
        self.control.extend([Nth::First, Nth::Second].into_iter().filter_map(|nth| own(Role::Control(turn, nth))));
        self.mixed.extend(own(role));
    }
}

fn views(kept: &[(Observation, Fold)]) -> Vec<View<'_>> {
    kept.iter().map(|(observation, fold)| View { observation, fold }).collect()
}
