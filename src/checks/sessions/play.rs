//! A session through all arrangements once, each step answered by the side whose turn it is.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::time::Duration;

use super::splices::Splice;
use super::stand::Stand;
use crate::compare::subject;
use crate::drive::{Session, Step};
use crate::model::{Exchange, Fault, Observation, Side};

/// How long the death of a process is waited for that may explain a step which found nobody.
const GRACE: Duration = Duration::from_millis(500);

/// Who answers which step; none where the step is left out.
pub(super) type Sides = Vec<Option<Side>>;

/// A splice in which nothing is left out.
pub(super) fn whole(splice: &Splice) -> Sides {
    splice.iter().copied().map(Some).collect()
}

/// One step, in all lanes.
pub(super) struct Seen<'s> {
    /// Its place in the session.
    pub(super) at: usize,
    pub(super) exchange: &'s Exchange,
    /// Who answered.
    pub(super) turn: Side,
    pub(super) session: &'s Session,
    pub(super) step: &'s Step,
    /// The recorded reply, as if a lane had given it.
    pub(super) recorded: Option<Observation>,
    pub(super) subject: &'s str,
    /// What was sent before it, and who answered.
    pub(super) earlier: &'s [(&'s Exchange, Side)],
}

impl Seen<'_> {
    /// Whether the other side has answered a call before this one.
    pub(super) fn is_crossed(&self) -> bool {
        self.earlier.iter().any(|(_, side)| *side != self.turn)
    }
}

/// Who is shown each step, and says whether the next may go out.
pub(super) type Visit<'v> = dyn FnMut(&Seen<'_>) -> ControlFlow<()> + Send + 'v;

impl Stand {
    /// Sends the steps that are not left out, and gives the place of the last that was sent. It ends early where a server has
    /// ended, or where `visit` says so.
    pub(super) async fn play(&self, exchanges: &[Exchange], sides: &Sides, visit: &mut Visit<'_>) -> Option<usize> {
        let mut session = Session::new(&self.lanes.old);
        let mut earlier: Vec<(&Exchange, Side)> = Vec::new();
        let mut last = None;
        for (at, exchange) in exchanges.iter().enumerate() {
            let Some(turn) = sides.get(at).copied().flatten() else { continue };
            if !self.lives() {
                break;
            }
            let mut step = session.step(self.lanes.get(turn), exchange).await;
            last = Some(at);
            self.explained(&step, turn).await;
            let recorded = step.recorded.take().map(Observation::Answer);
            let subject = subject(&exchange.call, |segment| step.made_anew.contains(&segment));
            let seen = Seen {
                at,
                exchange,
                turn,
                session: &session,
                step: &step,
                recorded,
                subject: &subject,
                earlier: &earlier,
            };
            if visit(&seen).is_break() {
                break;
            }
            earlier.push((exchange, turn));
        }
        for (lanes, exchange) in
            [&self.lanes.old, &self.lanes.new].into_iter().zip(exchanges.first().into_iter().cycle())
        {
            lanes.let_go(exchange.session);
        }
        last
    }

    /// Sends what other sessions did, all to that side: each with a jar of its own, and judged by nobody.
    pub(super) async fn lead(&self, exchanges: &[Exchange], home: Side) {
        let lanes = self.lanes.get(home);
        let mut open: HashMap<u64, Session> = HashMap::new();
        for exchange in exchanges {
            let session = open.entry(exchange.session).or_insert_with(|| Session::new(lanes));
            session.step(lanes, exchange).await;
        }
        for session in open.keys() {
            lanes.let_go(*session);
        }
    }

    /// Waits for the deaths that may explain why a step found nobody, in whichever lanes: else it would be chance which of those
    /// that die of one call are known to have died.
    async fn explained(&self, step: &Step, turn: Side) {
        let lost = |fault: &Fault| matches!(fault, Fault::Refused | Fault::Closed | Fault::Truncated);
        let until = tokio::time::Instant::now() + GRACE;
        for (observation, standing) in step.observations.iter().zip(self.standings()) {
            if let (Observation::Fault(fault), Some(server)) = (observation, self.answering(standing, turn))
                && lost(fault)
            {
                // That it lives on is an answer too.
                let _ = tokio::time::timeout_at(until, server.ended()).await;
            }
        }
    }
}
