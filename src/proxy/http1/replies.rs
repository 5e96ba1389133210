//! From the target to the client.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};

use super::connection::Progress;
use super::flow::Flow;
use super::head::{NoHead, ReplyHead};
use super::incoming::Incoming;
use super::refusal::Refusal;
use super::requests::Awaited;
use super::send::send;
use super::tunnel::pump;
use crate::proxy::Limits;
use crate::proxy::listen::Shared;
use crate::proxy::tape::{ReplyHalf, Unrecorded};
use crate::wire::http::block::latin1;

/// How this direction ends.
#[derive(Debug)]
pub(super) enum End {
    /// As the target closed, or there was nothing more to answer.
    Closed,
    /// After it had become a tunnel.
    Tunnel,
    /// Within a reply whose end can't be told from its breaking off.
    Broken,
    /// With something that the client is to be told, where that is still possible.
    Refused(Refusal),
}

/// The direction from the target to the client.
pub(super) struct Replies<'a, R, W> {
    pub incoming: Incoming<R>,
    pub to: W,
    pub awaited: mpsc::Receiver<Awaited>,
    pub shared: &'a Arc<Shared>,
    pub progress: &'a Progress,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Replies<'_, R, W> {
    /// Passes replies on until there is none.
    pub async fn run(mut self) -> End {
        loop {
            let awaited = match self.next().await {
                Ok(awaited) => awaited,
                Err(end) => return end,
            };
            match awaited {
                Awaited::Refusal(refusal) => return End::Refused(refusal),
                Awaited::Reply { method, half, switch } => {
                    let asks_for = switch.as_ref().map(|(protocol, _)| protocol.as_str());
                    let head = match self.head(&method, &half, asks_for).await {
                        Ok(head) => head,
                        Err(end) => return end,
                    };
                    let switches = head.status == 101 || (method == "CONNECT" && (200..300).contains(&head.status));
                    if let Some((protocol, tell)) = switch {
                        if switches {
                            half.give_up(Unrecorded::Switched);
                            drop((half, protocol));
                            return self.tunnel(&head, tell).await;
                        }
                        let _ = tell.send(false);
                    }
                    if let Err(end) = self.reply(&method, head, half).await {
                        return end;
                    }
                }
            }
        }
    }

    /// What is to be expected next; how it ends where that is nothing.
    async fn next(&mut self) -> Result<Awaited, End> {
        if self.incoming.buffer.is_empty() {
            tokio::select! {
                biased;
                awaited = self.awaited.recv() => return awaited.ok_or(End::Closed),
                filled = self.incoming.fill(Duration::MAX) => if !matches!(filled, Ok(1..)) {
                    return Err(End::Closed);
                },
            }
        }
        self.awaited.try_recv().map_err(|_| {
            let shown = latin1(&self.incoming.buffer[..self.incoming.buffer.len().min(40)]);
            self.shared.recorder.tally().unrecorded(Unrecorded::Unasked, &shown.escape_default().to_string());
            End::Closed
        })
    }

    /// The head of the final reply, still in the buffer; interim ones before it are passed on.
    async fn head(&mut self, method: &str, half: &ReplyHalf, asks_for: Option<&str>) -> Result<ReplyHead, End> {
        let shared = Arc::clone(self.shared);
        let limits = &shared.limits;
        let unreadable = |refusal: Refusal| {
            half.unreadable(&refusal.why);
            End::Refused(refusal)
        };
        for _ in 0..=limits.interim {
            let head = self.next_head().await.map_err(|no| match no {
                NoHead::Ended | NoHead::Cut => End::Closed,
                NoHead::Slow { begun } => unreadable(late(begun, limits)),
                NoHead::Refused(refusal) => unreadable(refusal),
            })?;
            match head.status {
                101 if asks_for.is_some() => return Ok(head),
                101 => {
                    return Err(unreadable(Refusal::new(502, "the target switches protocols, which nobody asked for")));
                }
                100..200 => {
                    self.pass_on(head.length).await?;
                    half.interim(head.status);
                }
                _ => {
                    head.framing(method).map_err(unreadable)?;
                    return Ok(head);
                }
            }
        }
        Err(unreadable(Refusal::new(502, format!("the target sent more than {} interim replies", limits.interim))))
    }

    /// The next head, for which nobody waits while the call still comes.
    async fn next_head(&mut self) -> Result<ReplyHead, NoHead> {
        loop {
            let is_calling = self.progress.is_calling();
            match ReplyHead::read(&mut self.incoming, &self.shared.limits).await {
                Err(NoHead::Slow { begun: false }) if is_calling => {}
                other => return other,
            }
        }
    }

    /// The rest of a reply.
    async fn reply(&mut self, method: &str, head: ReplyHead, half: ReplyHalf) -> Result<(), End> {
        let Ok(framing) = head.framing(method) else { return Err(End::Closed) };
        let mut flow = Flow::new(framing, &self.shared.limits);
        half.head(head.status, head.metadata, framing.length());
        self.progress.midway.store(true, Ordering::Relaxed);
        let mut length = head.length;
        loop {
            let rest = &self.incoming.buffer[length..];
            let taken = match flow.take(rest, |content| half.push(content)) {
                Ok(taken) => taken,
                Err(bad) => {
                    half.unreadable(bad.0);
                    return Err(End::Broken);
                }
            };
            self.pass_on(length + taken).await?;
            length = 0;
            if flow.ended() {
                break;
            }
            match self.incoming.fill(self.shared.limits.stall).await {
                Ok(1..) => {}
                Ok(0) if flow.may_end_here() => {
                    half.end(flow.into_trailers());
                    return Err(End::Closed);
                }
                _ => return Err(if flow.may_end_here() { End::Broken } else { End::Closed }),
            }
        }
        self.progress.midway.store(false, Ordering::Relaxed);
        self.progress.answered.fetch_add(1, Ordering::Relaxed);
        half.end(flow.into_trailers());
        Ok(())
    }

    /// Whatever the target sends from here on goes to the client, unread.
    async fn tunnel(mut self, head: &ReplyHead, tell: oneshot::Sender<bool>) -> End {
        if self.pass_on(head.length).await.is_err() {
            return End::Closed;
        }
        // The other direction may be over already.
        let _ = tell.send(true);
        pump(&mut self.incoming, &mut self.to, self.shared.limits.stall).await;
        End::Tunnel
    }

    /// So many bytes of the buffer, as they are.
    async fn pass_on(&mut self, length: usize) -> Result<(), End> {
        let sent = send(&mut self.to, &self.incoming.buffer[..length], self.shared.limits.stall).await;
        self.incoming.buffer.advance(length);
        sent.map_err(|_| End::Closed)
    }
}

/// What is said of a target that takes too long; whether its reply had begun.
fn late(begun: bool, limits: &Limits) -> Refusal {
    let (what, limit) = if begun {
        ("the head of the target's reply did not come", limits.head_time)
    } else {
        ("the target did not answer", limits.stall)
    };
    Refusal::new(504, format!("{what} within {} s", limit.as_secs()))
}
