//! A stream to a target that speaks HTTP/1.1 only.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Buf as _, Bytes, BytesMut};
use h2::RecvStream;
use h2::server::SendResponse;
use http::request::Parts;
use http::{Method, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::broken::Broken;
use super::fields;
use super::over_http2::{end, unsent};
use super::pump;
use super::streams::{Stream, both};
use crate::proxy::http1::{Flow, Framing, Incoming, NoHead, Refusal, ReplyHead, connect, members, send};
use crate::proxy::listen::Shared;
use crate::proxy::tape::{CallHalf, ReplyHalf, Unrecorded};

/// Connections to the target that belong to one of a client's, and are not in use.
#[derive(Debug, Default)]
pub(super) struct Connections(Mutex<Vec<TcpStream>>);

impl Connections {
    /// One that is still open, or a new one.
    async fn take(&self, shared: &Shared) -> Result<TcpStream, Refusal> {
        while let Some(stream) = self.kept().pop() {
            // Neither bytes nor the end have come: nobody has closed it.
            if matches!(stream.try_read(&mut [0]), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock) {
                return Ok(stream);
            }
        }
        connect(shared).await
    }

    fn kept(&self) -> MutexGuard<'_, Vec<TcpStream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Passes it on.
pub(super) async fn pass_on(stream: Stream<'_>, connections: &Connections) -> Result<(), Broken> {
    let Stream { parts, body, respond, call, reply, shared } = stream;
    let mut target = match connections.take(shared).await {
        Ok(target) => target,
        Err(refusal) => {
            call.give_up(Unrecorded::Unreached);
            return Err(Broken::Refused(refusal));
        }
    };
    let mut keeps = false;
    let whole = {
        let (from, to) = target.split();
        let calling = calling(&parts, body, to, call, shared);
        let answering = answering(&parts.method, from, respond, reply, shared, &mut keeps);
        both(calling, answering).await?
    };
    if whole && keeps {
        connections.kept().push(target);
    }
    Ok(())
}

async fn calling<W: AsyncWrite + Unpin>(
    parts: &Parts,
    mut body: RecvStream,
    mut to: W,
    call: CallHalf,
    shared: &Shared,
) -> Result<(), Broken> {
    let stall = shared.limits.stall;
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
    reply: ReplyHalf,
    shared: &Shared,
    keeps: &mut bool,
) -> Result<(), Broken> {
    let limits = &shared.limits;
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
            NoHead::Ended | NoHead::Cut => Broken::Refused(Refusal::new(502, "the target closed without a reply")),
            NoHead::Slow { .. } => unreadable(Refusal::new(504, "the target's reply did not come in time")),
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
    *keeps = keeps_open(&head, framing);
    reply.head(head.status, head.metadata, framing.length());
    let mut flow = Flow::new(framing, limits);
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
        pump::push(&mut to, content.freeze(), limits.stall).await.map_err(unsent)?;
        if flow.ended() {
            break;
        }
        match incoming.fill(limits.stall).await {
            Ok(1..) => {}
            Ok(0) if flow.may_end_here() => break,
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => return Err(Broken::Stalled),
            Ok(0) | Err(_) => return Err(Broken::ByTarget(None)),
        }
    }
    *keeps &= incoming.buffer.is_empty();
    let trailers = flow.into_trailers();
    let fields = (!trailers.is_empty()).then(|| fields::from_http1(&trailers)).flatten();
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

/// Whether the connection outlives the reply (RFC 9112, 9.3).
fn keeps_open(head: &ReplyHead, framing: Framing) -> bool {
    let options = members(&head.metadata, "connection");
    let says = |option: &str| options.iter().any(|said| said == option);
    framing != Framing::UntilClose && !says("close") && (head.is_1_1 || says("keep-alive"))
}
