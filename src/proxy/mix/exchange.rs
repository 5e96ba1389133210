//! One request of HTTP/1.x and its reply, over a connection to the instance that was chosen for it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::BytesMut;
use tokio::net::TcpStream;

use super::answering::{Answer, Answering};
use super::calling::{Said, Stop, calling};
use super::http1::{Connection, End};
use super::passing::Passing;
use crate::proxy::http1::{HALF, Incoming, Refusal, RequestHead, edited, offers_http2, pump};

impl Connection<'_> {
    /// Passes the request at the front of the buffer on, and its reply back. Whether the connection goes on is its `Ok`.
    pub async fn exchange(&mut self, head: RequestHead) -> Result<(), End> {
        let mix = self.mix;
        let subject = (head.method.as_str(), head.target.as_str());
        let passing = Passing::begin(mix, self.number, subject, head.metadata.all("cookie"));
        let Some(instance) = passing.instance() else {
            passing.nobody();
            return Err(nobody().into());
        };
        let link = instance.link(mix.client(self.number));
        let (mut target, used) = link.http1.take(&instance.endpoint, &mix.limits).await.map_err(|refusal| {
            passing.refused(&refusal);
            End::Refused(refusal)
        })?;
        passing.over(used);
        let said = Said::default();
        let answer = self.pass_on(&head, &mut target, &passing, &said).await?;
        let Answer::Whole { keeps } = answer else { return Err(End::Closed) };
        let goes_on = keeps && head.keeps_open() && said.is_whole() && !said.is_hung_up();
        // What is left over belongs to no request.
        if goes_on && self.spare.is_empty() {
            link.http1.keep(target);
        }
        self.spare.clear();
        if goes_on { Ok(()) } else { Err(End::Closed) }
    }

    /// Both halves at once; and what comes after them, where the reply says that another protocol does.
    async fn pass_on(
        &mut self,
        head: &RequestHead,
        target: &mut TcpStream,
        passing: &Passing,
        said: &Said,
    ) -> Result<Answer, End> {
        let limits = &self.mix.limits;
        let (length, may_switch) = self.without_offer(head);
        let (from, mut to) = target.split();
        let mut replies = Incoming::new(from, std::mem::take(&mut self.spare));
        let answer = {
            let calling = calling(&mut self.incoming, &mut to, length, head.framing, said, limits);
            let answering = Answering { incoming: &mut replies, to: &mut self.to, passing, said, limits };
            both(calling, answering.run(&head.method, may_switch), passing, said).await?
        };
        if answer == Answer::Switched {
            let calling = pump(&mut self.incoming, &mut to, limits.stall);
            let answering = pump(&mut replies, &mut self.to, limits.stall);
            tunnel(calling, answering).await;
        }
        self.spare = replies.buffer;
        Ok(answer)
    }

    /// Takes an offer to go on in HTTP/2 out of the head, which is the balancer's own to take up or leave. How long the head is
    /// then, and whether it asks for another switch.
    fn without_offer(&mut self, head: &RequestHead) -> (usize, bool) {
        let offers = offers_http2(head);
        match edited(&self.incoming.buffer[..head.length], head, None) {
            Some(block) if offers => {
                let mut buffer = BytesMut::from(&block[..]);
                buffer.extend_from_slice(&self.incoming.buffer[head.length..]);
                self.incoming.buffer = buffer;
                (block.len(), false)
            }
            _ => (head.length, head.asks_for().is_some()),
        }
    }
}

/// What a client is told for whom there is no instance.
pub(super) fn nobody() -> Refusal {
    Refusal::new(503, "the plan names no instance that is there")
}

/// Both halves, until the reply has ended, and the call too where its connection is to go on.
async fn both(
    calling: impl Future<Output = Stop>,
    answering: impl Future<Output = Result<Answer, End>>,
    passing: &Passing,
    said: &Said,
) -> Result<Answer, End> {
    tokio::pin!(calling, answering);
    let mut takes = true;
    let answer = loop {
        tokio::select! {
            biased;
            stop = &mut calling, if takes => match stop {
                Stop::Instance => takes = false,
                stop => return Err(stopped(stop, passing)),
            },
            answer = &mut answering => break answer?,
        }
    };
    if takes && answer == (Answer::Whole { keeps: true }) && !said.is_hung_up() {
        // It was answered before it was whole, and the instance may still want the rest of it.
        if let Some(stop) = rest(calling, said).await {
            return Err(stopped(stop, passing));
        }
    }
    Ok(answer)
}

/// Waits until the call is whole, or stops.
async fn rest(mut calling: Pin<&mut impl Future<Output = Stop>>, said: &Said) -> Option<Stop> {
    poll_fn(|context| {
        if said.is_whole() || said.is_hung_up() {
            return Poll::Ready(None);
        }
        match calling.as_mut().poll(context) {
            Poll::Ready(stop) => Poll::Ready(Some(stop)),
            Poll::Pending if said.is_whole() || said.is_hung_up() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn stopped(stop: Stop, passing: &Passing) -> End {
    match stop {
        Stop::Instance => End::Closed,
        Stop::Client => {
            passing.abandoned();
            End::Broken
        }
        Stop::Refused(refusal) => {
            passing.bad_body(&refusal);
            if passing.status().is_some() { End::Broken } else { End::Refused(refusal) }
        }
    }
}

/// Both directions, until the instance's has ended; the client's goes on for a while then.
async fn tunnel(calling: impl Future<Output = ()>, answering: impl Future<Output = ()>) {
    tokio::pin!(calling, answering);
    let mut calls = true;
    loop {
        tokio::select! {
            () = &mut calling, if calls => calls = false,
            () = &mut answering => break,
        }
    }
    if calls {
        let _ = tokio::time::timeout(HALF, calling).await;
    }
}
