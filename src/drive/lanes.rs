//! The cells of one mixed direction, side by side, and what is the same for all of them.

use std::sync::Arc;
use std::time::Duration;

use super::session::Unsent;
use crate::model::secret::Secrets;
use crate::model::{Call, Exchange, HttpVersion, Observation, Via};
use crate::wire::{Alike, Endpoint, Limits, Line, Protocol, Route};

/// One cell: an instance that calls are sent to.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its name, for logs: `old`, `old twin`.
    pub name: String,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// The host that clients know it by, where that is not where it listens: several instances have one name.
    pub host: Option<String>,
    /// Its own hosts and folders, and the names under which they are folded.
    pub identity: Vec<(String, String)>,
    /// Whether unsafe methods may be sent to it.
    pub writes: bool,
    /// The lane whose instance this one shares, since straddle can't start another: its twin sends that lane's values, and
    /// no unsafe method a second time.
    pub shares: Option<usize>,
}

impl Lane {
    /// What calls to it name as their host.
    pub(super) fn host(&self) -> String {
        self.host.clone().unwrap_or_else(|| self.endpoint.to_string())
    }
}

/// All cells of one direction. The first is the control, to which the others are held.
#[derive(Clone)]
pub struct Lanes {
    /// Control, its twin, mixed, its twin.
    pub lanes: Vec<Lane>,
    /// How calls are sent and replies are read.
    pub protocol: Arc<dyn Protocol>,
    /// Bounds of a reply.
    pub limits: Limits,
    /// Waited after each unsafe call.
    pub settle: Duration,
    /// What fills the placeholders of a redacted recording that no reply gives a value for.
    pub secrets: Arc<Secrets>,
    /// A lane sends what its own replies gave, also where the control's are as they were recorded.
    pub own_values: bool,
    /// Give every binding its cell's own value, also where the recorded one would do: a trial of the bindings themselves.
    pub force_bindings: bool,
}

impl Lanes {
    /// The lane whose values a lane sends: its own, or those of the lane that it shares an instance with.
    pub(super) fn cell_of(&self, lane: usize) -> usize {
        self.lanes[lane].shares.unwrap_or(lane)
    }

    /// The version that calls are sent by which were recorded so: HTTP/2 only where the control's build speaks it. Whether the
    /// other does is then what its answer shows.
    pub(super) async fn version(&self, via: &Via) -> HttpVersion {
        match self.lanes.first() {
            Some(control) if via.http == HttpVersion::Http2 => {
                let speaks = self.protocol.speaks(&control.endpoint, via.http, &self.limits).await;
                if speaks { via.http } else { HttpVersion::default() }
            }
            _ => HttpVersion::default(),
        }
    }

    /// The way that a lane's call goes: over a connection of its own, where it is known which it had.
    fn route(number: usize, session: u64, via: &Via, version: HttpVersion) -> Route {
        // Lanes that share an instance share no connection: each would answer the other's call.
        let line = via.connection.as_ref().map(|name| Line { owner: session, name: format!("{number} {name}") });
        Route { line, version }
    }

    /// Closes the connections of a session of which nothing more follows.
    pub fn let_go(&self, session: u64) {
        self.lanes.iter().for_each(|lane| self.protocol.let_go(&lane.endpoint, session));
    }

    /// Sends one exchange's call to each lane at the same time, by that version, and waits for all.
    pub(super) async fn send(
        &self,
        exchange: &Exchange,
        calls: Vec<Result<Call, Unsent>>,
        version: HttpVersion,
    ) -> Vec<Observation> {
        let method = calls.iter().flatten().next().map(|call| call.method.clone()).unwrap_or_default();
        let sent = self.lanes.iter().zip(calls).enumerate().map(|(number, (lane, call))| async move {
            match call {
                Ok(call) if let Some(why) = self.protocol.refuses(&call) => Err(Observation::NotSent(why)),
                Ok(call) => {
                    let route = Self::route(number, exchange.session, &exchange.via, version);
                    let sent = self.protocol.exchange(&lane.endpoint, &call, &route, &self.limits);
                    sent.await.map_err(Observation::Fault)
                }
                Err(unsent) => Err(unsent.into()),
            }
        });
        let mut alike = Alike::default();
        let mut decode = |received| Observation::Answer(alike.decode(&*self.protocol, &method, received));
        let replies = join_all(sent).await;
        replies.into_iter().map(|reply| reply.map_or_else(|other| other, &mut decode)).collect()
    }
}

/// Runs all futures in this task until each has ended; results in their order.
pub(crate) async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut pending = false;
        for (future, output) in &mut waiting {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => pending = true,
                }
            }
        }
        if pending { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}
