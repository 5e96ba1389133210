//! The cells of one mixed direction, side by side, and what is the same for all of them.

use std::sync::Arc;
use std::time::Duration;

use super::session::Unsent;
use crate::model::{Answer, Call, Observation, Reply};
use crate::wire::{Endpoint, Limits, Protocol};

/// One cell: an instance that calls are sent to.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its name, for logs: `old`, `old twin`.
    pub name: String,
    /// Where it listens.
    pub endpoint: Endpoint,
    /// Its own hosts and folders, and the names under which they are folded.
    pub identity: Vec<(String, String)>,
    /// Whether unsafe methods may be sent to it.
    pub writes: bool,
    /// The lane whose instance this one shares, since straddle can't start another: its twin sends that lane's values, and
    /// no unsafe method a second time.
    pub shares: Option<usize>,
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
    /// Give every binding its cell's own value, also where the recorded one would do: a trial of the bindings themselves.
    pub force_bindings: bool,
}

impl Lanes {
    /// The lane whose values a lane sends: its own, or those of the lane that it shares an instance with.
    pub(super) fn cell_of(&self, lane: usize) -> usize {
        self.lanes[lane].shares.unwrap_or(lane)
    }

    /// Sends one call to each lane at the same time, and waits for all.
    pub(super) async fn send(&self, calls: Vec<Result<Call, Unsent>>) -> Vec<Observation> {
        let method = calls.iter().flatten().next().map(|call| call.method.clone()).unwrap_or_default();
        let sent = self.lanes.iter().zip(calls).map(|(lane, call)| async move {
            match call {
                Ok(call) if let Some(why) = self.protocol.refuses(&call) => Err(Observation::NotSent(why)),
                Ok(call) => self.protocol.send(&lane.endpoint, &call, &self.limits).await.map_err(Observation::Fault),
                Err(unsent) => Err(unsent.into()),
            }
        });
        let mut first: Option<(Reply, Answer)> = None;
        let mut decode = |reply: Reply| {
            // Most replies of two builds are equal byte for byte: what one was decoded to serves all.
            if let Some((like, answer)) = &first
                && same_payload(like, &reply)
            {
                let content = answer.content.clone();
                let Reply { status, metadata, trailers, .. } = reply;
                return Answer { status, metadata, trailers, content };
            }
            let answer = self.protocol.decode(&method, &reply);
            if first.is_none() {
                first = Some((reply, answer.clone()));
            }
            answer
        };
        let replies = join_all(sent).await;
        replies
            .into_iter()
            .map(|reply| reply.map_or_else(|other| other, |reply| Observation::Answer(decode(reply))))
            .collect()
    }
}

/// Whether two replies carry the same bytes, to be read in the same way.
fn same_payload(one: &Reply, other: &Reply) -> bool {
    one.body == other.body
        && ["content-type", "content-encoding"].iter().all(|name| one.metadata.all(name).eq(other.metadata.all(name)))
}

/// Runs all futures in this task until each has ended; results in their order.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
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
