//! The cells of one mixed direction, side by side, and what is the same for all of them.

use std::sync::Arc;
use std::time::Duration;

use super::session::Unsent;
use crate::model::secret::Secrets;
use crate::model::{Call, Exchange, HttpVersion, Observation, Via};
use crate::wire::grpc::Reading;
use crate::wire::{Alike, Asked, Endpoint, Limits, Line, Protocol, Route};

/// One cell: an instance that calls are sent to.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its name, for logs: `old`, `old twin`.
    pub name: String,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// Where it takes calls of remote procedures, where that is elsewhere.
    pub grpc: Option<Endpoint>,
    /// By what its messages are read, where that is known.
    pub reading: Option<Reading>,
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
    /// What that call to it names as its host.
    pub(super) fn host(&self, call: &Call) -> String {
        let endpoint = self.endpoint_of(call);
        let host = self.host.as_ref().filter(|_| *endpoint == self.endpoint);
        host.cloned().unwrap_or_else(|| endpoint.to_string())
    }

    /// By what is read that its clients' own version wrote: the recording, and what they send.
    pub(super) fn own(&self) -> Option<Reading> {
        self.reading.as_ref().map(|reading| Reading::own(&reading.reader))
    }

    /// Where that call goes.
    fn endpoint_of(&self, call: &Call) -> &Endpoint {
        let grpc = self.grpc.as_ref().filter(|_| call.procedure().is_some());
        grpc.unwrap_or(&self.endpoint)
    }

    /// Whether that call may be answered by a stream that does not end.
    fn streams(&self, call: &Call) -> bool {
        let method = call.procedure().zip(self.reading.as_ref()).and_then(|(path, by)| by.reader.method(path));
        method.is_some_and(|method| method.is_server_streaming())
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
    pub(super) async fn version(&self, call: &Call, via: &Via) -> HttpVersion {
        match self.lanes.first() {
            // Remote procedures go by no other version.
            Some(_) if call.procedure().is_some() => HttpVersion::Http2,
            Some(control) if via.http == HttpVersion::Http2 => {
                let speaks = self.protocol.speaks(&control.endpoint, via.http, &self.limits).await;
                if speaks { via.http } else { HttpVersion::default() }
            }
            _ => HttpVersion::default(),
        }
    }

    /// The way that a lane's call goes: over a connection of its own, where it is known which it had.
    fn route(number: usize, session: u64, via: &Via, version: HttpVersion, streams: bool) -> Route {
        // Lanes that share an instance share no connection: each would answer the other's call.
        let line = via.connection.as_ref().map(|name| Line { owner: session, name: format!("{number} {name}") });
        Route { line, version, streams }
    }

    /// Closes the connections of a session of which nothing more follows.
    pub fn let_go(&self, session: u64) {
        let endpoints = self.lanes.iter().flat_map(|lane| std::iter::once(&lane.endpoint).chain(&lane.grpc));
        endpoints.for_each(|endpoint| self.protocol.let_go(endpoint, session));
    }

    /// Sends one exchange's call to each lane at the same time, by that version, and waits for all.
    pub(super) async fn send(
        &self,
        exchange: &Exchange,
        calls: Vec<Result<Call, Unsent>>,
        version: HttpVersion,
    ) -> Vec<Observation> {
        let sent = self.lanes.iter().zip(calls).enumerate().map(|(number, (lane, call))| async move {
            match call {
                Ok(call) if let Some(why) = self.protocol.refuses(&call) => Err(Observation::NotSent(why)),
                Ok(call) => {
                    let streams = lane.streams(&call);
                    let route = Self::route(number, exchange.session, &exchange.via, version, streams);
                    let sent = self.protocol.exchange(lane.endpoint_of(&call), &call, &route, &self.limits);
                    sent.await.map_err(Observation::Fault)
                }
                Err(unsent) => Err(unsent.into()),
            }
        });
        let mut alike = Alike::default();
        let replies = join_all(sent).await;
        let decoded = replies.into_iter().zip(&self.lanes).map(|(reply, lane)| {
            let asked = Asked::by(&exchange.call, lane.reading.as_ref());
            reply.map_or_else(
                |other| other,
                |received| Observation::Answer(alike.decode(&*self.protocol, &asked, received)),
            )
        });
        decoded.collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a lane sends a call of that type, and what it calls the host, with a port for gRPC and without.
    fn check(content_type: &str, host: Option<&str>, expected: [(u16, &str); 2]) {
        let metadata = [("content-type", content_type)].into_iter().collect();
        let call = Call { method: "POST".to_owned(), target: "/a.B/C".to_owned(), metadata, ..Call::default() };
        let got = [Some(Endpoint::new("h", 2)), None].map(|grpc| {
            let lane = Lane {
                name: String::new(),
                endpoint: Endpoint::new("h", 1),
                grpc,
                reading: None,
                host: host.map(str::to_owned),
                identity: Vec::new(),
                writes: true,
                shares: None,
            };
            (lane.endpoint_of(&call).port, lane.host(&call))
        });
        assert_eq!(got, expected.map(|(port, host)| (port, host.to_owned())), "{content_type}");
    }

    #[test]
    fn remote_procedures_go_to_a_port_of_their_own_where_there_is_one() {
        check("application/grpc", None, [(2, "h:2"), (1, "h:1")]);
        check("application/grpc+proto", Some("shop.test"), [(2, "h:2"), (1, "shop.test")]);
        check("application/json", Some("shop.test"), [(1, "shop.test"), (1, "shop.test")]);
    }
}
