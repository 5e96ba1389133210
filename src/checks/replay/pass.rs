//! One pass: a recording through one arrangement, in its order, every step in all cells before the next.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::compare::subject;
use crate::drive::{Lanes, Session, Step};
use crate::manifest::{ContractAt, Manifest, Order};
use crate::model::{Exchange, Observation};
use crate::traffic::{Recording, TrafficError};

/// Which exchanges of a recording a pass sends.
#[derive(Debug, Clone)]
pub(super) enum Selection {
    /// All.
    All,
    /// Every unsafe call, so that the store evolves alike, and these sessions' safe ones.
    Sessions(BTreeSet<u64>),
}

impl Selection {
    fn takes(&self, exchange: &Exchange) -> bool {
        match self {
            Self::All => true,
            Self::Sessions(sessions) => !exchange.call.is_safe() || sessions.contains(&exchange.session),
        }
    }
}

/// A pass, ready to run.
pub(super) struct Pass<'a> {
    pub(super) manifest: &'a Manifest,
    /// The service that takes it up.
    pub(super) service: &'a str,
    pub(super) recording: &'a Recording,
    pub(super) lanes: Arc<Lanes>,
    pub(super) selection: Selection,
    pub(super) jobs: usize,
    /// Whether all instances are still up; where one has died, nothing after that is compared.
    pub(super) alive: &'a (dyn Fn() -> bool + Sync),
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

/// Sessions read ahead of the ones under way, where their order is free.
const AHEAD: usize = 1024;

impl Pass<'_> {
    /// Sends what is selected, and shows each exchange to `visit` when all its cells have answered.
    pub(super) async fn run(&self, visit: &mut (dyn FnMut(&Visited) + Send)) -> Result<(), TrafficError> {
        match self.manifest.replay.order {
            Order::Recorded => self.in_recorded_order(visit).await,
            Order::Free => self.in_free_order(visit).await,
        }
    }

    async fn in_recorded_order(&self, visit: &mut (dyn FnMut(&Visited) + Send)) -> Result<(), TrafficError> {
        let mut open: HashMap<u64, Session> = HashMap::new();
        for exchange in self.recording.exchanges()? {
            let exchange = exchange?;
            if !self.selection.takes(&exchange) || self.is_skipped(&exchange) {
                continue;
            }
            if !(self.alive)() {
                break;
            }
            let session = open.remove(&exchange.session).unwrap_or_else(|| Session::new(&self.lanes));
            let visited = advance(Arc::clone(&self.lanes), session, exchange).await;
            self.show(&visited, visit);
            if !visited.exchange.last {
                open.insert(visited.exchange.session, visited.session);
            }
        }
        Ok(())
    }

    /// Sessions side by side, each in its own order.
    async fn in_free_order(&self, visit: &mut (dyn FnMut(&Visited) + Send)) -> Result<(), TrafficError> {
        let mut incoming = self.recording.exchanges()?;
        let mut waiting: HashMap<u64, VecDeque<Exchange>> = HashMap::new();
        let mut idle: HashMap<u64, Session> = HashMap::new();
        let mut ready: VecDeque<u64> = VecDeque::new();
        let mut running = JoinSet::new();
        let mut held = 0;
        let mut ended = false;
        loop {
            while !ended && held < AHEAD {
                let Some(exchange) = incoming.next() else {
                    ended = true;
                    break;
                };
                let exchange = exchange?;
                if !self.selection.takes(&exchange) || self.is_skipped(&exchange) {
                    continue;
                }
                held += 1;
                let queue = waiting.entry(exchange.session).or_default();
                if queue.is_empty() && !ready.contains(&exchange.session) {
                    ready.push_back(exchange.session);
                }
                queue.push_back(exchange);
            }
            while running.len() < self.jobs
                && (self.alive)()
                && let Some(number) = ready.pop_front()
            {
                let Some(exchange) = waiting.get_mut(&number).and_then(VecDeque::pop_front) else { continue };
                let session = idle.remove(&number).unwrap_or_else(|| Session::new(&self.lanes));
                running.spawn(advance(Arc::clone(&self.lanes), session, exchange));
            }
            let Some(done) = running.join_next().await else { break };
            let Ok(visited) = done else { continue };
            held -= 1;
            self.show(&visited, visit);
            let number = visited.exchange.session;
            let more = waiting.get(&number).is_some_and(|queue| !queue.is_empty());
            if visited.exchange.last {
                waiting.remove(&number);
            } else {
                idle.insert(number, visited.session);
                if more {
                    ready.push_back(number);
                }
            }
        }
        Ok(())
    }

    fn show(&self, visited: &Visited, visit: &mut (dyn FnMut(&Visited) + Send)) {
        if !self.is_contract(&visited.exchange) {
            visit(visited);
        }
    }

    /// Left out by the manifest: by its subject, or by the path as it was recorded.
    fn is_skipped(&self, exchange: &Exchange) -> bool {
        let skip = &self.manifest.replay.skip;
        if skip.is_empty() {
            return false;
        }
        let plain = format!("{} {}", exchange.call.method, exchange.call.path());
        let name = subject(&exchange.call, |_| false);
        skip.iter().any(|skipped| *skipped == plain || *skipped == name)
    }

    /// A document that the manifest names as a contract is compared as one, and not as a reply.
    fn is_contract(&self, exchange: &Exchange) -> bool {
        let here = self.manifest.contracts.iter().filter(|contract| contract.service == self.service);
        here.flat_map(|contract| [&contract.at.old, &contract.at.new]).any(|at| {
            matches!(at, ContractAt::Url(target) if exchange.call.path() == target.split('?').next().unwrap_or_default())
        })
    }
}

async fn advance(lanes: Arc<Lanes>, mut session: Session, exchange: Exchange) -> Visited {
    let mut step = session.step(&lanes, &exchange).await;
    let recorded = step.recorded.take().map(Observation::Answer);
    let subject = subject(&exchange.call, |segment| step.made_anew.contains(&segment));
    Visited { exchange, session, step, recorded, subject }
}
