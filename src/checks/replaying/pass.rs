//! One pass: a recording through one arrangement, in its order, every step in all cells before the next.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::run::Surfaces;
use super::watch::Watch;
use crate::checks::declared::{is_contract, is_skipped};
use crate::checks::seam::Shard;
use crate::compare::subject;
use crate::drive::{Lanes, Session, Step};
use crate::manifest::{Manifest, Order};
use crate::model::{Exchange, Observation};
use crate::traffic::{Recording, TrafficError};

/// Which exchanges of a recording a pass sends.
#[derive(Debug, Clone)]
pub(super) enum Selection {
    /// All.
    All,
    /// Every unsafe call, so that the store evolves alike, what it needs, and these sessions' safe ones.
    Some {
        /// The sessions that are looked at.
        whose: Whose,
        /// Safe calls of other sessions that their unsafe ones need, by number.
        needed: Arc<HashSet<u64>>,
    },
}

/// Sessions.
#[derive(Debug, Clone)]
pub(super) enum Whose {
    /// These.
    Numbered(BTreeSet<u64>),
    /// Those of a shard of the recording with that digest.
    Sharded(Shard, String),
}

impl Selection {
    /// Whether an exchange goes out.
    fn takes(&self, exchange: &Exchange) -> bool {
        match self {
            Self::All => true,
            Self::Some { needed, .. } => {
                !exchange.call.is_safe() || self.is_of(exchange) || needed.contains(&exchange.index)
            }
        }
    }

    /// Whether an exchange is one of those that are looked at, and not only for the others' sake.
    pub(super) fn is_of(&self, exchange: &Exchange) -> bool {
        match self {
            Self::All => true,
            Self::Some { whose: Whose::Numbered(sessions), .. } => sessions.contains(&exchange.session),
            Self::Some { whose: Whose::Sharded(shard, digest), .. } => shard.has(digest, exchange.session),
        }
    }
}

/// What a pass takes of a recording.
pub(super) struct Chosen<'a> {
    pub(super) manifest: &'a Manifest,
    /// The service that takes it up.
    pub(super) service: &'a str,
    pub(super) recording: &'a Recording,
    /// Surfaces that are known by the number of the exchange.
    pub(super) surfaces: Option<&'a Surfaces>,
    pub(super) selection: Selection,
    pub(super) rest: Rest,
}

/// What is left of a pass after calls that ended a server.
#[derive(Debug, Clone, Default)]
pub(super) struct Rest {
    /// Those calls, by number. They are not sent again.
    deadly: BTreeSet<u64>,
}

impl Rest {
    /// Leaves a call out. All before it have been shown.
    pub(super) fn without(&mut self, deadly: u64) {
        self.deadly.insert(deadly);
    }

    /// How many calls are left out.
    pub(super) fn deaths(&self) -> usize {
        self.deadly.len()
    }

    /// Whether an exchange has been shown already.
    fn is_shown(&self, exchange: u64) -> bool {
        self.deadly.last().is_some_and(|last| exchange <= *last)
    }
}

/// A pass, ready to run.
pub(super) struct Pass<'a> {
    pub(super) chosen: &'a Chosen<'a>,
    pub(super) lanes: Arc<Lanes>,
    pub(super) jobs: usize,
    /// Whether it may go on.
    pub(super) watch: &'a Watch<'a>,
    /// Whether it may go on without a call that ended a server.
    pub(super) may_go_on: bool,
}

/// What a pass tells of each exchange that it takes.
pub(super) enum Turn<'a> {
    /// It went through all its cells.
    Visited(&'a Visited),
    /// It was not sent any more, and why.
    Unsent(&'a Exchange, &'a str),
}

/// One exchange that went through all its cells.
pub(super) struct Visited {
    pub(super) exchange: Exchange,
    pub(super) session: Session,
    pub(super) step: Step,
    /// The recorded reply, as if a cell had given it.
    pub(super) recorded: Option<Observation>,
    pub(super) subject: String,
}

/// Who is shown what a pass does.
pub(super) type Visit<'v> = dyn FnMut(Turn<'_>) + Send + 'v;

/// Sessions read ahead of the ones under way, where their order is free.
const AHEAD: usize = 1024;

impl Pass<'_> {
    /// Sends what is selected, and shows each exchange to `visit` when all its cells have answered, or when it is clear
    /// that it can't be sent. Some: this call has ended a server, and what comes after it has yet to be sent.
    pub(super) async fn run(&self, visit: &mut Visit<'_>) -> Result<Option<u64>, TrafficError> {
        match self.chosen.manifest.replay.order {
            Order::Recorded => self.in_recorded_order(visit).await,
            // Of calls side by side nobody knows which it was.
            Order::Free => self.in_free_order(visit).await.map(|()| None),
        }
    }

    async fn in_recorded_order(&self, visit: &mut Visit<'_>) -> Result<Option<u64>, TrafficError> {
        let mut open: HashMap<u64, Session> = HashMap::new();
        let mut stopped = None;
        let mut sent = None;
        for exchange in self.chosen.recording.exchanges()? {
            let exchange = exchange?;
            if !self.chosen.takes(&exchange) {
                if exchange.last && open.remove(&exchange.session).is_some() {
                    self.lanes.let_go(exchange.session);
                }
                continue;
            }
            if stopped.is_none() {
                stopped = self.watch.stop();
                if let Some(deadly) = self.deadly(sent) {
                    return Ok(Some(deadly));
                }
            }
            if let Some(why) = &stopped {
                self.chosen.pass_over(&exchange, why, visit);
                continue;
            }
            let index = exchange.index;
            let session = open.remove(&exchange.session).unwrap_or_else(|| Session::new(&self.lanes));
            let surface = self.chosen.surface(&exchange);
            let visited = advance(Arc::clone(&self.lanes), session, exchange, surface).await;
            stopped = self.watch.after(&visited.step).await;
            if let Some(why) = &stopped {
                if let Some(deadly) = self.deadly(sent) {
                    return Ok(Some(deadly));
                }
                self.chosen.pass_over(&visited.exchange, why, visit);
                continue;
            }
            sent = Some(index);
            self.chosen.show(&visited, visit);
            if !visited.exchange.last {
                open.insert(visited.exchange.session, visited.session);
            }
        }
        Ok(None)
    }

    /// The call after which a server has ended, where the pass may go on without it: it is a new one.
    fn deadly(&self, sent: Option<u64>) -> Option<u64> {
        sent.filter(|index| self.may_go_on && !self.chosen.rest.is_shown(*index) && self.watch.died().is_some())
    }

    /// Sessions side by side, each in its own order.
    async fn in_free_order(&self, visit: &mut Visit<'_>) -> Result<(), TrafficError> {
        let mut incoming = self.chosen.recording.exchanges()?;
        let mut waiting: HashMap<u64, VecDeque<Exchange>> = HashMap::new();
        let mut idle: HashMap<u64, Session> = HashMap::new();
        let mut ready: VecDeque<u64> = VecDeque::new();
        let mut running = JoinSet::new();
        let mut busy: HashSet<u64> = HashSet::new();
        let mut over: HashSet<u64> = HashSet::new();
        let mut held = 0;
        let mut ended = false;
        let mut stopped: Option<String> = None;
        loop {
            while !ended && held < AHEAD {
                let Some(exchange) = incoming.next() else {
                    ended = true;
                    break;
                };
                let exchange = exchange?;
                if !self.chosen.takes(&exchange) {
                    if exchange.last {
                        over.insert(exchange.session);
                        self.close(exchange.session, &mut over, &waiting, &busy, &mut idle);
                    }
                    continue;
                }
                if let Some(why) = &stopped {
                    self.chosen.pass_over(&exchange, why, visit);
                    continue;
                }
                held += 1;
                let queue = waiting.entry(exchange.session).or_default();
                if queue.is_empty() && !busy.contains(&exchange.session) && !ready.contains(&exchange.session) {
                    ready.push_back(exchange.session);
                }
                queue.push_back(exchange);
            }
            stopped = stopped.or_else(|| self.watch.stop());
            if let Some(why) = &stopped {
                for exchange in waiting.drain().flat_map(|(_, queue)| queue) {
                    self.chosen.pass_over(&exchange, why, visit);
                    held -= 1;
                }
                ready.clear();
            }
            while running.len() < self.jobs
                && let Some(number) = ready.pop_front()
            {
                let Some(exchange) = waiting.get_mut(&number).and_then(VecDeque::pop_front) else { continue };
                let session = idle.remove(&number).unwrap_or_else(|| Session::new(&self.lanes));
                busy.insert(number);
                let surface = self.chosen.surface(&exchange);
                running.spawn(advance(Arc::clone(&self.lanes), session, exchange, surface));
            }
            let Some(done) = running.join_next().await else {
                if ended {
                    break;
                }
                continue;
            };
            // A bug stays a bug: it is told where it happened.
            let visited = done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            held -= 1;
            if let Some(why) = self.watch.after(&visited.step).await {
                self.chosen.pass_over(&visited.exchange, &why, visit);
                stopped = Some(why);
            } else {
                self.chosen.show(&visited, visit);
            }
            let number = visited.exchange.session;
            busy.remove(&number);
            if waiting.get(&number).is_some_and(|queue| !queue.is_empty()) {
                ready.push_back(number);
            } else {
                waiting.remove(&number);
            }
            if !visited.exchange.last {
                idle.insert(number, visited.session);
                self.close(number, &mut over, &waiting, &busy, &mut idle);
            }
        }
        Ok(())
    }

    /// Lets go of a session whose last exchange is not sent, as soon as all that is sent of it has been.
    fn close(
        &self,
        number: u64,
        over: &mut HashSet<u64>,
        waiting: &HashMap<u64, VecDeque<Exchange>>,
        busy: &HashSet<u64>,
        idle: &mut HashMap<u64, Session>,
    ) {
        let has_more = busy.contains(&number) || waiting.get(&number).is_some_and(|queue| !queue.is_empty());
        if !has_more && over.remove(&number) && idle.remove(&number).is_some() {
            self.lanes.let_go(number);
        }
    }
}

impl Chosen<'_> {
    /// Passes over all of it.
    pub(super) fn none(&self, why: &str, visit: &mut Visit<'_>) -> Result<(), TrafficError> {
        for exchange in self.recording.exchanges()? {
            let exchange = exchange?;
            if self.takes(&exchange) {
                self.pass_over(&exchange, why, visit);
            }
        }
        Ok(())
    }

    /// Shows what came of an exchange, unless an earlier stretch has done so.
    fn show(&self, visited: &Visited, visit: &mut Visit<'_>) {
        if !self.rest.is_shown(visited.exchange.index)
            && !is_contract(self.manifest, self.service, &visited.exchange.call)
        {
            visit(Turn::Visited(visited));
        }
    }

    fn pass_over(&self, exchange: &Exchange, why: &str, visit: &mut Visit<'_>) {
        if !self.rest.is_shown(exchange.index) && !is_contract(self.manifest, self.service, &exchange.call) {
            visit(Turn::Unsent(exchange, why));
        }
    }

    /// The surface of a call, where that is known.
    fn surface(&self, exchange: &Exchange) -> Option<String> {
        self.surfaces.and_then(|known| known.get(&exchange.index)).cloned()
    }

    fn takes(&self, exchange: &Exchange) -> bool {
        self.selection.takes(exchange)
            && !self.rest.deadly.contains(&exchange.index)
            && !is_skipped(self.manifest, &exchange.call)
            && !self.surface(exchange).is_some_and(|surface| self.manifest.replay.skip.contains(&surface))
    }
}

async fn advance(lanes: Arc<Lanes>, mut session: Session, exchange: Exchange, surface: Option<String>) -> Visited {
    let mut step = session.step(&lanes, &exchange).await;
    let recorded = step.recorded.take().map(Observation::Answer);
    let subject = surface.unwrap_or_else(|| subject(&exchange.call, |segment| step.made_anew.contains(&segment)));
    Visited { exchange, session, step, recorded, subject }
}
