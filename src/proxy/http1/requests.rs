//! From the client to the target.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};

use super::connection::{Progress, refusal};
use super::edit::edited;
use super::flow::Flow;
use super::head::{NoHead, RequestHead};
use super::incoming::Incoming;
use super::refusal::Refusal;
use super::send::send;
use super::tunnel::pump;
use crate::model::{Body, Call, Via};
use crate::proxy::listen::Shared;
use crate::proxy::tape::{CallHalf, ReplyHalf, Unrecorded};

/// What the other direction has to expect next.
pub(super) enum Awaited {
    /// A reply.
    Reply {
        /// To a call of that method.
        method: String,
        /// Where it is recorded.
        half: ReplyHalf,
        /// The protocol that the call asks to switch to, and who waits to hear whether that happens.
        switch: Option<(String, oneshot::Sender<bool>)>,
    },
    /// No reply: the client sent what can't be read.
    Refusal(Refusal),
}

/// The direction from the client to the target.
pub(super) struct Requests<'a, R, W> {
    pub incoming: Incoming<R>,
    pub to: W,
    pub awaiting: mpsc::Sender<Awaited>,
    pub shared: &'a Arc<Shared>,
    pub name: &'a str,
    pub progress: &'a Progress,
}

/// What comes after a call.
enum Next {
    /// Another.
    Call,
    /// Nothing that is read along.
    Tunnel,
    /// Nothing; whether the target is to hear of it.
    Nothing { hang_up: bool },
    /// Nothing, and the client is told why.
    Refused(Refusal),
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Requests<'_, R, W> {
    /// Passes calls on until there is none. Gives what the client is to be told at once, where a body of its can't be read.
    pub async fn run(mut self, first: RequestHead) -> Option<Refusal> {
        let mut head = Some(first);
        loop {
            let next = if let Some(head) = head.take() { self.call(head).await } else { self.next().await };
            match next {
                Next::Call => {}
                Next::Tunnel => return self.tunnel().await,
                Next::Refused(refusal) => return Some(refusal),
                Next::Nothing { hang_up } => {
                    if hang_up {
                        // The target may be gone already.
                        let _ = self.to.shutdown().await;
                    }
                    return None;
                }
            }
        }
    }

    async fn next(&mut self) -> Next {
        let idle = self.incoming.buffer.is_empty();
        let read = tokio::select! {
            biased;
            read = RequestHead::read(&mut self.incoming, &self.shared.limits) => read,
            () = self.shared.recorder.stopped(), if idle => return Next::Nothing { hang_up: false },
        };
        match read {
            Ok(head) => self.call(head).await,
            Err(no) => self.no_call(no).await,
        }
    }

    async fn no_call(&mut self, no: NoHead) -> Next {
        let hang_up = matches!(no, NoHead::Ended | NoHead::Cut);
        if let Some(refusal) = refusal(no, self.shared) {
            // In its turn, after the replies to what came before it.
            let _ = self.awaiting.send(Awaited::Refusal(refusal)).await;
        }
        Next::Nothing { hang_up }
    }

    async fn call(&mut self, head: RequestHead) -> Next {
        let length = head.length;
        let block = edited(&self.incoming.buffer[..length], &head, self.shared.route.host.as_deref());
        let head = match block.as_deref().map(|block| RequestHead::of(block, &self.shared.limits)) {
            None => head,
            Some(Ok(head)) => head,
            Some(Err(refusal)) => return Next::Refused(refusal),
        };
        let asks_for = head.asks_for();
        let RequestHead { method, target, metadata, http, framing, .. } = head;
        let via = Via { connection: Some(self.name.to_owned()), http };
        let call = Call { method: method.clone(), target, metadata, body: Body::Empty };
        let Some((call, half)) = self.shared.recorder.begin(via, call, length).await else {
            return Next::Nothing { hang_up: false };
        };
        let (switch, switched) = asks_for.map(with_channel).unzip();
        self.progress.asked.fetch_add(1, Ordering::Relaxed);
        if self.awaiting.send(Awaited::Reply { method, half, switch }).await.is_err() {
            return Next::Nothing { hang_up: false };
        }
        let mut flow = Flow::new(framing, &self.shared.limits);
        let head = block.unwrap_or_else(|| self.incoming.buffer[..length].to_vec());
        self.incoming.buffer.advance(length);
        if let Some(next) = self.pass_on(head, &mut flow, &call).await {
            return next;
        }
        call.end();
        self.progress.sent.fetch_add(1, Ordering::Relaxed);
        drop(call);
        match switched {
            // Until that is known nobody can say what the next bytes are.
            Some(switched) => {
                if switched.await == Ok(true) {
                    Next::Tunnel
                } else {
                    Next::Call
                }
            }
            None => Next::Call,
        }
    }

    /// The head and the body, in the pieces in which they come; what comes next where that can't be done.
    async fn pass_on(&mut self, head: Vec<u8>, flow: &mut Flow, call: &CallHalf) -> Option<Next> {
        let stall = self.shared.limits.stall;
        let mut piece = head;
        loop {
            let taken = match flow.take(&self.incoming.buffer, |content| call.push(content)) {
                Ok(taken) => taken,
                Err(bad) => {
                    call.give_up(Unrecorded::BadCall);
                    let why = format!("the request's body can't be read: {}", bad.0);
                    return Some(Next::Refused(Refusal::new(400, why)));
                }
            };
            piece.extend_from_slice(&self.incoming.buffer[..taken]);
            self.incoming.buffer.advance(taken);
            if send(&mut self.to, &piece, stall).await.is_err() {
                // What the target has said before it closed is still to be read, in the other direction.
                return Some(Next::Nothing { hang_up: false });
            }
            piece.clear();
            if flow.ended() {
                return None;
            }
            match self.incoming.fill(stall).await {
                Ok(1..) => {}
                Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
                    let why = format!("the request's body did not come on within {} s", stall.as_secs());
                    call.give_up(Unrecorded::BadCall);
                    return Some(Next::Refused(Refusal::new(408, why)));
                }
                Ok(0) | Err(_) => return Some(Next::Nothing { hang_up: true }),
            }
        }
    }

    /// Whatever the client sends from here on goes to the target, unread.
    async fn tunnel(mut self) -> Option<Refusal> {
        pump(&mut self.incoming, &mut self.to, self.shared.limits.stall).await;
        None
    }
}

fn with_channel(protocol: String) -> ((String, oneshot::Sender<bool>), oneshot::Receiver<bool>) {
    let (tell, hear) = oneshot::channel();
    ((protocol, tell), hear)
}
