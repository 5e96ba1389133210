//! One connection of a client and the one to the target that belongs to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::edit::offers_http2;
use super::framing::Framing;
use super::head::{NoHead, RequestHead};
use super::incoming::Incoming;
use super::refusal::Refusal;
use super::replies::{End, Replies};
use super::requests::Requests;
use super::send::send;
use crate::model::HttpVersion;
use crate::proxy::listen::Shared;
use crate::proxy::tape::Unrecorded;

/// How an HTTP/2 connection begins, up to the first empty line (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";
/// How long a peer has to read what is left for it when its connection is closed.
const LINGER: Duration = Duration::from_secs(1);
/// How long one direction of a tunnel goes on without the other.
const HALF: Duration = Duration::from_secs(10);

/// A connection that goes on in HTTP/2.
pub(in crate::proxy) struct Turn {
    /// The connection.
    pub stream: TcpStream,
    /// What has been read of it.
    pub buffer: BytesMut,
    /// The request that asked for it; none where the client began so.
    pub upgraded: Option<RequestHead>,
}

/// What the two directions know of each other.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Calls that went to the target.
    pub asked: AtomicU64,
    /// Of them, those that are whole.
    pub sent: AtomicU64,
    /// Whether no more calls come.
    pub over: AtomicBool,
    /// Replies that came whole.
    pub answered: AtomicU64,
    /// Whether a reply has begun and not ended.
    pub midway: AtomicBool,
}

impl Progress {
    /// Whether the call that is to be answered next still comes: nobody can be late with its answer.
    pub fn is_calling(&self) -> bool {
        let (sent, answered) = (self.sent.load(Ordering::Relaxed), self.answered.load(Ordering::Relaxed));
        sent <= answered && !self.over.load(Ordering::Relaxed)
    }

    /// Whether the next bytes that the client gets are the answer to its last call.
    fn may_answer(&self) -> bool {
        let (asked, answered) = (self.asked.load(Ordering::Relaxed), self.answered.load(Ordering::Relaxed));
        asked == answered + 1 && !self.midway.load(Ordering::Relaxed)
    }
}

/// Passes a client's connection on until it ends, or turns to HTTP/2.
pub(in crate::proxy) async fn serve(mut client: TcpStream, shared: &Arc<Shared>, name: &str) -> Option<Turn> {
    let mut incoming = Incoming::new(&mut client, BytesMut::new());
    let first = tokio::select! {
        biased;
        first = RequestHead::read(&mut incoming, &shared.limits) => first,
        () = shared.recorder.stopped() => return None,
    };
    let mut buffer = incoming.buffer;
    let refusal = match first {
        Ok(head) if offers_http2(&head) && can_turn(&head) => {
            let _ = buffer.split_to(head.length);
            return Some(Turn { stream: client, buffer, upgraded: Some(head) });
        }
        Ok(head) => match connect(shared).await {
            Ok(target) => {
                relay(client, target, buffer, head, shared, name).await;
                return None;
            }
            Err(refusal) => {
                shared.recorder.tally().unrecorded(Unrecorded::Unreached, &format!("{} {}", head.method, head.target));
                refusal
            }
        },
        Err(NoHead::Refused(_)) if buffer.starts_with(PREFACE) => {
            return Some(Turn { stream: client, buffer, upgraded: None });
        }
        Err(no) => refusal(no, shared)?,
    };
    close(client, Some(&refusal)).await;
    None
}

/// An offer can be taken up where the whole request is there already.
fn can_turn(head: &RequestHead) -> bool {
    head.framing == Framing::Nothing && head.http == HttpVersion::Http11 && head.metadata.has("http2-settings")
}

/// Opens a connection to the target.
pub(in crate::proxy) async fn connect(shared: &Shared) -> Result<TcpStream, Refusal> {
    let target = &shared.route.target;
    let connecting = TcpStream::connect((target.host.as_str(), target.port));
    let why = match tokio::time::timeout(shared.limits.head_time, connecting).await {
        Ok(Ok(stream)) => {
            let _ = stream.set_nodelay(true);
            return Ok(stream);
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer".to_owned(),
    };
    Err(Refusal::new(502, format!("the target {target} can't be reached: {why}")))
}

async fn relay(
    mut client: TcpStream,
    mut target: TcpStream,
    buffer: BytesMut,
    first: RequestHead,
    shared: &Arc<Shared>,
    name: &str,
) {
    let progress = Progress::default();
    let end = {
        let (from_client, to_client) = client.split();
        let (from_target, to_target) = target.split();
        let (awaiting, awaited) = mpsc::channel(shared.limits.pipelined);
        let incoming = Incoming::new(from_client, buffer);
        let requests = Requests { incoming, to: to_target, awaiting, shared, name, progress: &progress }.run(first);
        let incoming = Incoming::new(from_target, BytesMut::new());
        let replies = Replies { incoming, to: to_client, awaited, shared, progress: &progress }.run();
        tokio::pin!(requests, replies);
        let mut sending = true;
        loop {
            tokio::select! {
                biased;
                end = &mut replies => {
                    if matches!(end, End::Tunnel) && sending {
                        let _ = tokio::time::timeout(HALF, &mut requests).await;
                    }
                    break end;
                }
                refusal = &mut requests, if sending => {
                    sending = false;
                    progress.over.store(true, Ordering::Relaxed);
                    if let Some(refusal) = refusal {
                        break if progress.may_answer() { End::Refused(refusal) } else { End::Closed };
                    }
                }
            }
        }
    };
    drop(target);
    match end {
        End::Closed | End::Tunnel => close(client, None).await,
        End::Refused(refusal) => close(client, Some(&refusal)).await,
        // A reply that ends with its connection must not look whole.
        End::Broken => {
            let _ = rustix::net::sockopt::set_socket_linger(&client, Some(Duration::ZERO));
        }
    }
}

/// What a client is told whose request can't be read; none where it is gone, or said nothing.
pub(super) fn refusal(no: NoHead, shared: &Shared) -> Option<Refusal> {
    let refusal = match no {
        NoHead::Ended | NoHead::Cut | NoHead::Slow { begun: false } => return None,
        NoHead::Slow { begun: true } => {
            Refusal::new(408, format!("the request's head did not come within {} s", shared.limits.head_time.as_secs()))
        }
        NoHead::Refused(refusal) => refusal,
    };
    shared.recorder.tally().unrecorded(Unrecorded::BadCall, &refusal.why);
    Some(refusal)
}

/// Closes the client's connection so that it can read what was sent last, though it may still be sending itself.
async fn close(mut client: TcpStream, last: Option<&Refusal>) {
    if let Some(refusal) = last
        && send(&mut client, &refusal.bytes(), LINGER).await.is_err()
    {
        return;
    }
    if client.shutdown().await.is_ok() {
        let drain = async {
            let mut sink = vec![0; 16 << 10];
            while matches!(client.read(&mut sink).await, Ok(1..)) {}
        };
        let _ = tokio::time::timeout(LINGER, drain).await;
    }
}
