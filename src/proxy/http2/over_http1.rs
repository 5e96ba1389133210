//! A stream to a target that speaks HTTP/1.1 only.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use h2::RecvStream;
use h2::server::SendResponse;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use rustix::io::Errno;
use rustix::net::{RecvFlags, recv};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::broken::Broken;
use super::fields;
use super::over_http2::end;
use super::pump::{self, Unsent};
use super::streams::{Stream, both};
use crate::proxy::Limits;
use crate::proxy::ear::{CallEar, ReplyEar};
use crate::proxy::http1::{Flow, Incoming, NoHead, Refusal, ReplyHead, connect, send};
use crate::wire::Endpoint;

/// Connections to the target that belong to one of a client's, and are not in use. None where no more are kept.
#[derive(Debug)]
pub(in crate::proxy) struct Connections(Mutex<Option<Vec<TcpStream>>>);

impl Default for Connections {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Connections {
    /// One that is still open, or a new one; whether it was used before.
    pub async fn take(&self, target: &Endpoint, limits: &Limits) -> Result<(TcpStream, bool), Refusal> {
        while let Some(stream) = self.pop() {
            if is_idle(&stream) {
                return Ok((stream, true));
            }
        }
        Ok((connect(target, limits).await?, false))
    }

    /// Keeps one that may be used again.
    pub fn keep(&self, stream: TcpStream) {
        if let Some(kept) = &mut *self.kept() {
            kept.push(stream);
        }
    }

    /// Closes those that are kept, and keeps no more.
    pub fn close(&self) {
        *self.kept() = None;
    }

    fn pop(&self) -> Option<TcpStream> {
        self.kept().as_mut()?.pop()
    }

    fn kept(&self) -> MutexGuard<'_, Option<Vec<TcpStream>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether neither bytes nor the end have come. The system is asked: the runtime may not have heard of it yet, and a request that
/// goes out on a closed connection would be lost.
fn is_idle(stream: &TcpStream) -> bool {
    let peeked = recv(stream, &mut [0_u8; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    matches!(peeked, Err(Errno::AGAIN))
}

/// Passes it on.
pub(in crate::proxy) async fn pass_on(
    stream: Stream<'_>,
    connections: &Connections,
    to: &Endpoint,
) -> Result<(), Broken> {
    let Stream { parts, body, respond, call, reply, limits } = stream;
    let (mut target, used) = match connections.take(to, limits).await {
        Ok(taken) => taken,
        Err(refusal) => {
            call.unreached(&refusal);
            return Err(Broken::Refused(refusal));
        }
    };
    call.over(used);
    let mut keeps = false;
    let whole = {
        let (from, to) = target.split();
        let calling = calling(&parts, body, to, call, limits.stall);
        let answering = answering(&parts.method, from, respond, reply, limits, &mut keeps);
        both(calling, answering).await?
    };
    if whole && keeps {
        connections.keep(target);
    }
    Ok(())
}

async fn calling<W: AsyncWrite + Unpin>(
    parts: &Parts,
    mut body: RecvStream,
    mut to: W,
    call: CallEar,
    stall: Duration,
) -> Result<(), Broken> {
    let ended = body.is_end_stream();
    let (head, chunked) = head(parts, ended);
    let gone = |_| Broken::ByTarget(None);
    send(&mut to, &head, stall).await.map_err(gone)?;
    if !ended {
        while let Some(data) = pump::next(&mut body, stall).await {
            let data = data.map_err(|_| Broken::ByClient)?;
            call.push(&data);
            let piece = if chunked { chunk(&data) } else { data.clone() };
            send(&mut to, &piece, stall).await.map_err(gone)?;
            pump::took(&mut body, data.len());
        }
        let trailers = body.trailers().await.map_err(|_| Broken::ByClient)?;
        if chunked {
            let mut last = b"0\r\n".to_vec();
            fields::to_http1(&trailers.unwrap_or_default(), &mut last);
            last.extend_from_slice(b"\r\n");
            send(&mut to, &last, stall).await.map_err(gone)?;
        }
    }
    call.end();
    Ok(())
}

/// The head as HTTP/1.1, and whether the body goes in chunks.
fn head(parts: &Parts, ended: bool) -> (Vec<u8>, bool) {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let mut head = format!("{} {target} HTTP/1.1\r\n", parts.method).into_bytes();
    let host = parts.headers.get(http::header::HOST).map(http::HeaderValue::as_bytes);
    let host = host.or_else(|| parts.uri.authority().map(|authority| authority.as_str().as_bytes()));
    fields::line(&mut head, "host", host.unwrap_or_default());
    fields::to_http1(&parts.headers, &mut head);
    let has_length = parts.headers.contains_key(http::header::CONTENT_LENGTH);
    let chunked = !ended && !has_length;
    if chunked {
        fields::line(&mut head, "transfer-encoding", b"chunked");
    } else if ended && !has_length && [Method::POST, Method::PUT, Method::PATCH].contains(&parts.method) {
        // Where a body is usual, HTTP/1.1 has to say that there is none (RFC 9110, 8.6).
        fields::line(&mut head, "content-length", b"0");
    }
    head.extend_from_slice(b"\r\n");
    (head, chunked)
}

fn chunk(data: &[u8]) -> Bytes {
    if data.is_empty() {
        // A chunk of no bytes would be the last.
        return Bytes::new();
    }
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat().into()
}

async fn answering<R: AsyncRead + Unpin>(
    method: &Method,
    from: R,
    respond: &mut SendResponse<Bytes>,
    reply: ReplyEar,
    limits: &Limits,
    keeps: &mut bool,
) -> Result<(), Broken> {
    let mut incoming = Incoming::new(from, BytesMut::new());
    let unreadable = |refusal: Refusal| {
        reply.unreadable(&refusal.why);
        Broken::Refused(refusal)
    };
    let head = loop {
        let head = tokio::select! {
            head = ReplyHead::read(&mut incoming, limits) => head,
            _ = std::future::poll_fn(|context| respond.poll_reset(context)) => return Err(Broken::ByClient),
        };
        let head = head.map_err(|no| match no {
            NoHead::Ended | NoHead::Cut => {
                reply.dropped();
                Broken::Refused(Refusal::new(502, "the target closed without a reply"))
            }
            NoHead::Slow { .. } => {
                reply.late();
                unreadable(Refusal::new(504, "the target's reply did not come in time"))
            }
            NoHead::Refused(refusal) => unreadable(refusal),
        })?;
        incoming.buffer.advance(head.length);
        match head.status {
            101 => return Err(unreadable(Refusal::new(502, "the target switches protocols, which nobody asked for"))),
            100..200 => {
                let interim = response(&head).map_err(&unreadable)?;
                respond.send_informational(interim).map_err(|_| Broken::ByClient)?;
                reply.interim(head.status);
            }
            _ => break head,
        }
    };
    let framing = head.framing(method.as_str()).map_err(&unreadable)?;
    let answer = response(&head).map_err(&unreadable)?;
    *keeps = head.keeps_open(framing);
    reply.head(head.status, head.metadata, framing.length());
    let mut flow = Flow::new(framing, limits);
    reply.ends(flow.ended());
    let mut to = respond.send_response(answer, flow.ended()).map_err(|_| Broken::ByClient)?;
    if flow.ended() {
        reply.end(flow.into_trailers());
        return Ok(());
    }
    while !flow.ended() {
        let mut content = BytesMut::new();
        let taken = flow.take(&incoming.buffer, |bytes| content.extend_from_slice(bytes));
        incoming.buffer.advance(taken.map_err(|bad| unreadable(Refusal::new(502, bad.0)))?);
        reply.push(&content);
        reply.ends(flow.ended());
        pump::push(&mut to, content.freeze(), limits.stall).await.map_err(|Unsent| Broken::ByClient)?;
        if flow.ended() {
            break;
        }
        let filled = tokio::select! {
            filled = incoming.fill(limits.stall) => filled,
            _ = std::future::poll_fn(|context| to.poll_reset(context)) => return Err(Broken::ByClient),
        };
        match filled {
            Ok(1..) => {}
            Ok(0) if flow.may_end_here() => break,
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => return Err(Broken::Stalled),
            Ok(0) | Err(_) => return Err(Broken::ByTarget(None)),
        }
    }
    *keeps &= incoming.buffer.is_empty();
    let trailers = flow.into_trailers();
    let fields = (!trailers.is_empty()).then(|| fields::from_http1(&trailers)).flatten();
    reply.ends(true);
    end(&mut to, fields).map_err(|_| Broken::ByClient)?;
    reply.end(trailers);
    Ok(())
}

fn response(head: &ReplyHead) -> Result<Response<()>, Refusal> {
    let mut response = Response::new(());
    let bad = || Refusal::new(502, "the target's reply has a header that HTTP/2 can't carry");
    *response.status_mut() = StatusCode::from_u16(head.status).map_err(|_| bad())?;
    *response.headers_mut() = fields::from_http1(&head.metadata).ok_or_else(bad)?;
    Ok(response)
}
