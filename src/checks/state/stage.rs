//! A stage: one recording through all stands at once, in up to four passes. The first is all of it; then the release takes its
//! turn; then what only reads, by whoever serves now, of what the first pass has left; then all of it anew; and, where both serve,
//! what only reads once more, by the one that did not write.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::calls::Calls;
use super::data;
use super::point::Point;
use super::sheet::{Focus, Sheet};
use super::stand::{Kind, Refusal, Role, Stand};
use super::tally::{Candidate, Road};
use super::weigh::{Seen, Trust, Trusts};
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::compare::{Standing, subject};
use crate::drive::{Lane, Lanes, Session, join_all};
use crate::model::{Event, Fault, Observation, Severity, Side};
use crate::wire::Limits;

/// How long the death of a process is waited for that may explain a call which found nobody.
const GRACE: std::time::Duration = std::time::Duration::from_millis(500);

/// A stage on its way.
pub(super) struct Stage<'a> {
    job: &'a Job<'a>,
    road: Road,
    kind: Kind,
    calls: &'a Calls<'a>,
    roles: Vec<Role>,
    stands: Vec<Stand>,
    lanes: Arc<Lanes>,
    trusts: Trusts,
    /// What is known of each lane that shows something.
    states: HashMap<Role, State>,
}

/// What is known of a lane on the way.
#[derive(Debug, Default)]
struct State {
    /// Sessions in which a call that writes has failed: what follows says nothing.
    broken: BTreeSet<(u8, u64)>,
    /// Such a call has failed: its rows are not there.
    diverged: bool,
    /// Replies before the migration that differ.
    early: u64,
}

impl<'a> Stage<'a> {
    pub(super) fn new(job: &'a Job<'a>, road: Road, kind: Kind, calls: &'a Calls<'a>) -> Self {
        let lanes = Arc::new(lanes(job, Vec::new()));
        let (roles, stands) = (Role::of(kind, road, calls.of_new), Vec::new());
        let (trusts, states) = (Trusts::new(), HashMap::new());
        Self { job, road, kind, calls, roles, stands, lanes, trusts, states }
    }

    /// The same with those stands alone that show one of these, and their controls.
    pub(super) fn with(mut self, candidates: &[Candidate]) -> Self {
        let of_new = self.calls.of_new;
        let is_wanted = |role: &Role| candidates.iter().any(|candidate| role.showed(&candidate.raw));
        let has_new = of_new || self.roles.iter().any(|role| is_wanted(role) && role.asks_new());
        self.roles.retain(|role| match role {
            Role::Control(Side::Old, _) => true,
            Role::Control(Side::New, _) => has_new || is_wanted(role),
            other => is_wanted(other),
        });
        self
    }

    /// Whether anybody would stand on it.
    pub(super) fn is_empty(&self) -> bool {
        self.roles.is_empty()
    }

    /// All of it, written down on `sheet`.
    pub(super) async fn run(mut self, sheet: &mut Sheet, focus: &mut Focus) -> Result<(), CheckError> {
        let (job, road) = (self.job, self.road);
        let opened = join_all(self.roles.iter().map(|role| Stand::open(job, road, *role))).await;
        for opened in opened {
            let (stand, refusal) = opened?;
            self.refused(&stand, refusal, sheet);
            self.stands.push(stand);
        }
        if self.stands.iter().all(|stand| !stand.gone || !is_control(stand.role)) {
            self.passes(sheet, focus).await?;
        }
        for done in join_all(self.stands.into_iter().map(|stand| stand.down(job))).await {
            done?;
        }
        Ok(())
    }

    async fn passes(&mut self, sheet: &mut Sheet, focus: &mut Focus) -> Result<(), CheckError> {
        self.connect();
        let mut sessions = HashMap::new();
        self.pass(1, &mut sessions, sheet, focus).await;
        self.since(sheet).await?;
        self.turn(&mut sessions, sheet).await?;
        self.pass(2, &mut sessions, sheet, focus).await;
        if !self.calls.of_new {
            let mut anew = HashMap::new();
            self.pass(3, &mut anew, sheet, focus).await;
            if self.kind == Kind::Turned {
                self.stands.iter_mut().for_each(Stand::cross);
                self.reconnect(&mut anew);
                self.pass(4, &mut anew, sheet, focus).await;
            }
        }
        self.early(sheet);
        let (job, road) = (self.job, self.road);
        for stand in &mut self.stands {
            if let Some(refusal) = stand.again(job, road).await? {
                sheet.refusal(job, refusal);
            } else if stand.role == Role::Down && !stand.gone {
                sheet.reach(Point::C8);
            }
        }
        Ok(())
    }

    /// What NEW has written by now, that a backup would not have.
    async fn since(&mut self, sheet: &mut Sheet) -> Result<(), CheckError> {
        if let Some(stand) = self.stands.iter().find(|stand| stand.role == Role::Back && !stand.gone) {
            data::since(&stand.place, self.road, sheet).await?;
        }
        Ok(())
    }

    async fn turn(&mut self, sessions: &mut HashMap<u64, Session>, sheet: &mut Sheet) -> Result<(), CheckError> {
        let (job, road, kind) = (self.job, self.road, self.kind);
        let turned = join_all(self.stands.iter_mut().map(|stand| stand.turn(job, road, kind))).await;
        for (number, refusal) in turned.into_iter().enumerate() {
            let refusal = refusal?;
            self.refused(&self.stands[number], refusal, sheet);
            let stand = &self.stands[number];
            if let (false, Some(before)) = (stand.gone, &stand.before_down) {
                data::lost_on_the_way_back(&stand.place, before, sheet).await?;
            }
        }
        self.reconnect(sessions);
        Ok(())
    }

    /// Notes why nobody serves somewhere.
    fn refused(&self, stand: &Stand, refusal: Option<Refusal>, sheet: &mut Sheet) {
        match refusal {
            Some(Refusal::Start(_, side, why)) if is_control(stand.role) && !self.is_first_of_new(stand) => {
                sheet.trouble(side, format!("another {side} server does not start on the store of the first: {why}"));
            }
            // What two of OLD can't do on one store, OLD and NEW need not be able to do either.
            Some(Refusal::Start(_, side, why))
                if stand.role.is_joined() && !self.lanes.lanes.is_empty() && !sheet.troubles.old.is_empty() =>
            {
                sheet.trouble(side, format!("the {side} server does not start beside an old one: {why}"));
            }
            Some(refusal) => sheet.refusal(self.job, refusal),
            None => {}
        }
    }

    /// Whether it is NEW alone on the store that was migrated for it: that it does not start there is a finding.
    fn is_first_of_new(&self, stand: &Stand) -> bool {
        matches!(stand.role, Role::Control(Side::New, _)) && self.lanes.lanes.is_empty()
    }

    /// Looks up who serves where.
    fn connect(&mut self) {
        let made = self.stands.iter().enumerate().map(|(number, stand)| {
            let before = self.lanes.lanes.get(number).cloned();
            match stand.serving(&self.calls.service).and_then(|server| Some((server, server.endpoint()?))) {
                Some((server, endpoint)) => Lane {
                    name: server.name.clone(),
                    endpoint: endpoint.clone(),
                    grpc: server.grpc().cloned(),
                    reading: self.job.readings.between(&server.service, self.calls.clients(), server.side),
                    // Clients know a balancer, whichever instance stands behind it.
                    host: before.map_or_else(|| Some(endpoint.to_string()), |lane| lane.host),
                    identity: server.identity.needles().to_vec(),
                    writes: true,
                    shares: None,
                },
                None => before.unwrap_or_else(|| Lane {
                    name: String::new(),
                    endpoint: crate::wire::Endpoint::new("", 0),
                    grpc: None,
                    reading: None,
                    host: None,
                    identity: Vec::new(),
                    writes: true,
                    shares: None,
                }),
            }
        });
        self.lanes = Arc::new(lanes(self.job, made.collect()));
    }

    /// Looks it up again, for sessions that go on.
    fn reconnect(&mut self, sessions: &mut HashMap<u64, Session>) {
        self.connect();
        for session in sessions.values_mut() {
            session.moved(&self.lanes);
            self.leave(session);
        }
    }

    /// Sends nothing to where nobody is.
    fn leave(&self, session: &mut Session) {
        for (lane, stand) in self.stands.iter().enumerate() {
            if stand.gone {
                session.leave(lane);
            }
        }
    }

    async fn pass(&mut self, number: u8, sessions: &mut HashMap<u64, Session>, sheet: &mut Sheet, focus: &mut Focus) {
        for stand in self.stands.iter().filter(|stand| !stand.gone) {
            sheet.reached(stand.role, number);
        }
        let reads = number.is_multiple_of(2);
        let roles = self.roles.clone();
        let calls = self.calls;
        let mut last = None;
        for exchange in calls.exchanges.iter().filter(|exchange| !reads || exchange.call.is_safe()) {
            if let Some(why) = self.job.deadline.as_ref().and_then(Deadline::passed) {
                sheet.cut = Some(why);
                return;
            }
            let session = sessions.entry(exchange.session).or_insert_with(|| {
                let mut session = Session::new(&self.lanes);
                self.leave(&mut session);
                session
            });
            let mut step = session.step(&self.lanes, exchange).await;
            last = Some(exchange);
            let recorded = step.recorded.take().map(Observation::Answer);
            let subject = subject(&exchange.call, |segment| step.made_anew.contains(&segment));
            let seen = Seen {
                pass: number,
                exchange,
                session,
                step: &step,
                recorded: recorded.as_ref(),
                subject: &subject,
                roles: &roles,
            };
            let dead = self.dead(&seen).await;
            self.look(&seen, sheet, focus);
            for lane in dead {
                self.stands[lane].gone = true;
                sheet.misdeeds(self.job, &self.stands, Some(lane), number, self.calls.replay(Some(exchange)).as_ref());
            }
            if self.stands.iter().any(|stand| stand.gone) {
                let gone: Vec<usize> = (0..self.stands.len()).filter(|lane| self.stands[*lane].gone).collect();
                for session in sessions.values_mut() {
                    for lane in &gone {
                        session.leave(*lane);
                    }
                }
            }
            (self.job.events)(Event::Exchanged);
        }
        for session in sessions.keys() {
            self.lanes.let_go(*session);
        }
        sheet.misdeeds(self.job, &self.stands, None, number, self.calls.replay(last).as_ref());
    }

    /// Lanes that found nobody because a process has ended.
    async fn dead(&self, seen: &Seen<'_>) -> Vec<usize> {
        let mut dead = Vec::new();
        for (lane, observation) in seen.step.observations.iter().enumerate() {
            let lost = matches!(observation, Observation::Fault(Fault::Refused | Fault::Closed | Fault::Truncated));
            let Some(server) = self.stands[lane].serving(&self.calls.service).filter(|_| lost) else { continue };
            if tokio::time::timeout(GRACE, server.ended()).await.is_ok() {
                dead.push(lane);
            }
        }
        dead
    }

    /// Looks at what each lane gave.
    fn look(&mut self, seen: &Seen<'_>, sheet: &mut Sheet, focus: &mut Focus) {
        if seen.pass == 1 {
            for side in Side::BOTH {
                if let Some(trust) = self.calls.judge.trust(seen, side) {
                    if side == self.calls.judge.home {
                        sheet.held += u64::from(trust != Trust::Unknown);
                        sheet.faithful += u64::from(trust == Trust::Faithful);
                    }
                    self.trusts.insert((side, seen.exchange.index), trust);
                }
            }
        }
        for role in self.roles.clone() {
            let gone = seen.lane(role).is_none_or(|lane| self.stands[lane].gone);
            if let (Some((point, turn)), false) = (role.shows(seen.pass), gone) {
                self.look_at(seen, (role, point, turn), sheet, focus);
            }
        }
    }

    fn look_at(
        &mut self,
        seen: &Seen<'_>,
        (role, point, turn): (Role, Point, Side),
        sheet: &mut Sheet,
        focus: &mut Focus,
    ) {
        let group = seen.pass.div_ceil(2);
        let state = self.states.entry(role).or_default();
        if state.broken.contains(&(group, seen.exchange.session)) {
            return;
        }
        let moment = (seen.pass, seen.exchange.index, role);
        let mut judgement = self.calls.judge.weigh(seen, role, turn, &self.trusts, focus.kept(moment));
        sheet.count(point, turn, seen.subject, &judgement);
        let is_own = |at: &str| matches!(at, "status" | "reply");
        if state.diverged {
            judgement.found.retain(|found| is_own(&found.at));
        }
        let fails = judgement.found.iter().any(|found| is_own(&found.at)) || judgement.standing == Standing::Blocked;
        if fails && !seen.exchange.call.is_safe() {
            state.broken.insert((group, seen.exchange.session));
            state.diverged = true;
        }
        if role == Role::Early {
            state.early += u64::from(judgement.found.iter().any(|found| found.severity > Severity::Info));
            return;
        }
        for found in &judgement.found {
            let evidence = focus.evidence(seen, role, turn);
            sheet.reply(seen, (point, turn), found, evidence, self.calls.replay(Some(seen.exchange)));
        }
        focus.look(self.calls, seen, (role, point, turn), &judgement);
    }

    fn early(&self, sheet: &mut Sheet) {
        if let Some(state) = self.states.get(&Role::Early) {
            sheet.early(self.job, state.early);
        }
    }
}

fn is_control(role: Role) -> bool {
    matches!(role, Role::Control(..))
}

fn lanes(job: &Job<'_>, lanes: Vec<Lane>) -> Lanes {
    Lanes {
        lanes,
        protocol: Arc::clone(&job.protocol),
        limits: Limits { timeout: job.manifest.replay.timeout, ..Limits::default() },
        settle: job.manifest.replay.settle,
        secrets: Arc::clone(&job.secrets),
        own_values: true,
        force_bindings: job.force_bindings,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::Up;
    use super::{Kind, Road, Role};

    #[test]
    fn a_stage_has_only_who_shows_something() {
        let of = |up, down, shared, of_new, kind| Role::of(kind, Road { up, down, shared }, of_new).len();
        assert_eq!(of(Up::Commands, true, true, false, Kind::Turned), 10);
        assert_eq!(of(Up::Nothing, false, true, false, Kind::Turned), 7);
        assert_eq!(of(Up::Start, false, false, false, Kind::Turned), 7);
        assert_eq!(of(Up::Commands, true, true, false, Kind::Kept), 3);
        assert_eq!(of(Up::Nothing, false, true, false, Kind::Kept), 0);
        assert_eq!(of(Up::Commands, true, true, true, Kind::Turned), 6);
    }
}
