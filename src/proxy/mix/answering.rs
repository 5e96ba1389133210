//! The half of an exchange that comes from the instance.

use std::io::ErrorKind;

use bytes::Buf as _;
use tokio::io::{AsyncRead, AsyncWrite};

use super::calling::Said;
use super::http1::End;
use super::passing::Passing;
use crate::proxy::Limits;
use crate::proxy::http1::{Flow, Incoming, NoHead, Refusal, ReplyHead, send};

/// How a reply has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Whole.
    Whole {
        /// Whether the instance keeps the connection, by its own word.
        keeps: bool,
    },
    /// It was the last before another protocol.
    Switched,
}

/// The half, with the client's connection at its other end.
pub(super) struct Answering<'a, R, W> {
    pub incoming: &'a mut Incoming<R>,
    pub to: &'a mut W,
    pub passing: &'a Passing,
    pub said: &'a Said,
    pub limits: &'a Limits,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Answering<'_, R, W> {
    /// Passes on the reply to a call of that method, which may have asked for a switch.
    pub async fn run(mut self, method: &str, may_switch: bool) -> Result<Answer, End> {
        let head = self.head(method, may_switch).await?;
        if head.status == 101 || (method == "CONNECT" && (200..300).contains(&head.status)) {
            self.passing.switched(head.status);
            self.pass_on(head.length).await?;
            return Ok(Answer::Switched);
        }
        let framing = head.framing(method).map_err(|refusal| self.unreadable(refusal))?;
        self.passing.head(head.status, &head.metadata);
        let mut flow = Flow::new(framing, self.limits);
        let mut at = head.length;
        loop {
            let taken = flow.take(&self.incoming.buffer[at..], |_| {}).map_err(|bad| {
                self.passing.unreadable(bad.0);
                End::Broken
            })?;
            if flow.ended() {
                self.passing.answered();
            }
            self.pass_on(at + taken).await?;
            at = 0;
            if flow.ended() {
                break;
            }
            match self.incoming.fill(self.limits.stall).await {
                Ok(1..) => {}
                Ok(0) if flow.may_end_here() => {
                    self.passing.answered();
                    break;
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => {
                    self.passing.timed_out();
                    return Err(End::Broken);
                }
                Ok(0) | Err(_) => {
                    self.breaks_off();
                    return Err(if flow.may_end_here() { End::Broken } else { End::Closed });
                }
            }
        }
        Ok(Answer::Whole { keeps: head.keeps_open(framing) })
    }

    /// The head of the final reply, still in the buffer; interim ones before it are passed on.
    async fn head(&mut self, method: &str, may_switch: bool) -> Result<ReplyHead, End> {
        for _ in 0..=self.limits.interim {
            let head = match self.next_head().await {
                Ok(head) => head,
                Err(no) => return Err(self.no_head(no)),
            };
            match head.status {
                101 if may_switch && method != "CONNECT" => return Ok(head),
                101 => {
                    let why = "the instance switches protocols, which nobody asked for";
                    return Err(self.unreadable(Refusal::new(502, why)));
                }
                100..200 => self.pass_on(head.length).await?,
                _ => return Ok(head),
            }
        }
        let why = format!("the instance sent more than {} interim replies", self.limits.interim);
        Err(self.unreadable(Refusal::new(502, why)))
    }

    /// The next head, for which nobody waits while the call still comes.
    async fn next_head(&mut self) -> Result<ReplyHead, NoHead> {
        loop {
            let calling = !self.said.is_whole();
            match ReplyHead::read(self.incoming, self.limits).await {
                Err(NoHead::Slow { begun: false }) if calling => {}
                other => return other,
            }
        }
    }

    fn no_head(&self, no: NoHead) -> End {
        match no {
            NoHead::Ended | NoHead::Cut => {
                self.breaks_off();
                End::Closed
            }
            NoHead::Slow { begun } => {
                self.passing.timed_out();
                let limit = if begun { self.limits.head_time } else { self.limits.stall };
                Refusal::new(504, format!("the instance did not answer within {} s", limit.as_secs())).into()
            }
            NoHead::Refused(refusal) => self.unreadable(refusal),
        }
    }

    fn unreadable(&self, refusal: Refusal) -> End {
        self.passing.unreadable(&refusal.why);
        refusal.into()
    }

    /// An instance that goes when its client has gone does as it should.
    fn breaks_off(&self) {
        if self.said.is_hung_up() {
            self.passing.abandoned();
        } else {
            self.passing.broke_off();
        }
    }

    /// So many bytes of the buffer, as they are.
    async fn pass_on(&mut self, length: usize) -> Result<(), End> {
        let sent = send(self.to, &self.incoming.buffer[..length], self.limits.stall).await;
        self.incoming.buffer.advance(length);
        sent.map_err(|_| {
            self.passing.abandoned();
            End::Broken
        })
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
