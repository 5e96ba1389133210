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
use crate::proxy::Limits;
use crate::proxy::listen::Shared;
use crate::proxy::tape::Unrecorded;
use crate::wire::Endpoint;

/// How an HTTP/2 connection begins, up to the first empty line (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";
/// How long a peer has to read what is left for it when its connection is closed.
const LINGER: Duration = Duration::from_secs(1);
/// How long one direction of a tunnel goes on without the other.
pub(in crate::proxy) const HALF: Duration = Duration::from_secs(10);
/// Who answers instead of the target.
pub(in crate::proxy) const BY: &str = "record";

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

/// How a client's connection begins.
pub(in crate::proxy) enum Beginning {
    /// With a request of HTTP/1.x, whose bytes are still in the buffer.
    Http1(TcpStream, BytesMut, RequestHead),
    /// With HTTP/2, or a turn to it that can be taken.
    Http2(Turn),
    /// With nothing that can be passed on.
    Unreadable(TcpStream, NoHead),
}

/// Waits for how it begins.
pub(in crate::proxy) async fn begin(mut client: TcpStream, limits: &Limits) -> Beginning {
    let mut incoming = Incoming::new(&mut client, BytesMut::new());
    let first = RequestHead::read(&mut incoming, limits).await;
    let mut buffer = incoming.buffer;
    match first {
        Ok(head) if offers_http2(&head) && can_turn(&head) => {
            let _ = buffer.split_to(head.length);
            Beginning::Http2(Turn { stream: client, buffer, upgraded: Some(head) })
        }
        Ok(head) => Beginning::Http1(client, buffer, head),
        Err(NoHead::Refused(_)) if buffer.starts_with(PREFACE) => {
            Beginning::Http2(Turn { stream: client, buffer, upgraded: None })
        }
        Err(no) => Beginning::Unreadable(client, no),
    }
}

/// Passes a client's connection on until it ends, or turns to HTTP/2.
pub(in crate::proxy) async fn serve(client: TcpStream, shared: &Arc<Shared>, name: &str) -> Option<Turn> {
    let beginning = tokio::select! {
        biased;
        beginning = begin(client, &shared.limits) => beginning,
        () = shared.recorder.stopped() => return None,
    };
    let (client, refusal) = match beginning {
        Beginning::Http2(turn) => return Some(turn),
        Beginning::Http1(client, buffer, head) => match connect(&shared.route.target, &shared.limits).await {
            Ok(target) => {
                relay(client, target, buffer, head, shared, name).await;
                return None;
            }
            Err(refusal) => {
                shared.recorder.tally().unrecorded(Unrecorded::Unreached, &format!("{} {}", head.method, head.target));
                (client, refusal)
            }
        },
        Beginning::Unreadable(client, no) => (client, refusal(no, shared)?),
    };
    close(client, Some(&refusal.bytes(BY))).await;
    None
}

/// An offer can be taken up where the whole request is there already.
fn can_turn(head: &RequestHead) -> bool {
    head.framing == Framing::Nothing && head.http == HttpVersion::Http11 && head.metadata.has("http2-settings")
}

/// Opens a connection to the target.
pub(in crate::proxy) async fn connect(target: &Endpoint, limits: &Limits) -> Result<TcpStream, Refusal> {
    let connecting = TcpStream::connect((target.host.as_str(), target.port));
    let why = match tokio::time::timeout(limits.head_time, connecting).await {
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
        End::Refused(refusal) => close(client, Some(&refusal.bytes(BY))).await,
        End::Broken => reset(&client),
    }
}

/// What a client is told whose request can't be read; none where it is gone, or said nothing.
pub(super) fn refusal(no: NoHead, shared: &Shared) -> Option<Refusal> {
    let refusal = no.refusal(&shared.limits)?;
    shared.recorder.tally().unrecorded(Unrecorded::BadCall, &refusal.why);
    Some(refusal)
}

/// Ends a connection so that a reply which ends with it does not look whole.
pub(in crate::proxy) fn reset(client: &TcpStream) {
    let _ = rustix::net::sockopt::set_socket_linger(client, Some(Duration::ZERO));
}

/// Closes the client's connection so that it can read what was sent last, though it may still be sending itself.
pub(in crate::proxy) async fn close(mut client: TcpStream, last: Option<&[u8]>) {
    if let Some(last) = last
        && send(&mut client, last, LINGER).await.is_err()
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
