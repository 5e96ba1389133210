//! Heads: where one ends, and what it says. Its bytes go on untouched; this only reads along.

use std::io;
use std::time::Duration;

use memchr::memmem;
use tokio::io::AsyncRead;
use tokio::time::Instant;

use super::framing::{self, Framing, members};
use super::incoming::Incoming;
use super::refusal::Refusal;
use crate::model::{HttpVersion, Metadata, origin_form};
use crate::proxy::Limits;
use crate::wire::http::block;

/// A request up to its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::proxy) struct RequestHead {
    /// How many bytes of the buffer it takes.
    pub length: usize,
    /// The method.
    pub method: String,
    /// The target in origin form.
    pub target: String,
    /// The version of HTTP.
    pub http: HttpVersion,
    /// The headers.
    pub metadata: Metadata,
    /// Where the body ends.
    pub framing: Framing,
}

/// A reply up to its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::proxy) struct ReplyHead {
    /// How many bytes of the buffer it takes.
    pub length: usize,
    /// The status code.
    pub status: u16,
    /// Whether it is HTTP/1.1.
    pub is_1_1: bool,
    /// The headers.
    pub metadata: Metadata,
}

/// Why there is no head.
#[derive(Debug)]
pub(in crate::proxy) enum NoHead {
    /// The connection ended, and not a byte of one had come.
    Ended,
    /// The connection ended or broke within it.
    Cut,
    /// It did not come whole in time; whether it had begun.
    Slow { begun: bool },
    /// It says what can't be passed on.
    Refused(Refusal),
}

impl NoHead {
    /// What a client is told who sent it; none where it is gone, or said nothing.
    pub fn refusal(self, limits: &Limits) -> Option<Refusal> {
        match self {
            Self::Ended | Self::Cut | Self::Slow { begun: false } => None,
            Self::Slow { begun: true } => {
                let why = format!("the request's head did not come within {} s", limits.head_time.as_secs());
                Some(Refusal::new(408, why))
            }
            Self::Refused(refusal) => Some(refusal),
        }
    }
}

impl From<Refusal> for NoHead {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Which end it comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sender {
    Client,
    Target,
}

impl RequestHead {
    /// Waits for the next request, leaving its bytes in the buffer.
    pub async fn read<R>(incoming: &mut Incoming<R>, limits: &Limits) -> Result<Self, NoHead>
    where
        R: AsyncRead + Unpin,
    {
        let length = whole(incoming, limits, Sender::Client).await?;
        Ok(parse_request(&incoming.buffer[..length], limits)?)
    }

    /// What a whole head says.
    pub fn of(block: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        parse_request(block, limits)
    }

    /// Whether the connection outlives the reply, as far as the client is concerned.
    pub fn keeps_open(&self) -> bool {
        framing::keeps_open(self.http == HttpVersion::Http11, &self.metadata)
    }

    /// The protocol that the client asks to switch to, `CONNECT` for a tunnel; none where it asks for nothing of the kind.
    pub fn asks_for(&self) -> Option<String> {
        if self.method == "CONNECT" {
            return Some("CONNECT".to_owned());
        }
        let asks = members(&self.metadata, "connection").iter().any(|option| option == "upgrade");
        let protocols = members(&self.metadata, "upgrade");
        (asks && !protocols.is_empty()).then(|| protocols.join(", "))
    }
}

impl ReplyHead {
    /// Waits for the next reply, leaving its bytes in the buffer.
    pub async fn read<R>(incoming: &mut Incoming<R>, limits: &Limits) -> Result<Self, NoHead>
    where
        R: AsyncRead + Unpin,
    {
        let length = whole(incoming, limits, Sender::Target).await?;
        Ok(parse_reply(&incoming.buffer[..length], limits)?)
    }

    /// Where the body ends, for a request of that method.
    pub fn framing(&self, method: &str) -> Result<Framing, Refusal> {
        framing::of_reply(method, self.status, &self.metadata)
    }

    /// Whether the connection outlives the reply, whose body ends so.
    pub fn keeps_open(&self, framing: Framing) -> bool {
        framing != Framing::UntilClose && framing::keeps_open(self.is_1_1, &self.metadata)
    }
}

/// Waits until the buffer begins with a whole head; its length.
async fn whole<R: AsyncRead + Unpin>(
    incoming: &mut Incoming<R>,
    limits: &Limits,
    from: Sender,
) -> Result<usize, NoHead> {
    let mut searched = 0;
    let mut until = None;
    loop {
        if let Some(length) = end(&incoming.buffer, &mut searched, from)? {
            return Ok(length);
        }
        let begun = !incoming.buffer.is_empty();
        if incoming.buffer.len() > limits.head {
            let why = format!("{} is longer than {} bytes", from.what(), limits.head);
            return Err(Refusal::new(from.status(431), why).into());
        }
        let limit = match until {
            None if !begun => limits.stall,
            None => {
                until = Some(Instant::now() + limits.head_time);
                limits.head_time
            }
            Some(until) => until.saturating_duration_since(Instant::now()),
        };
        match incoming.fill(limit.max(Duration::from_millis(1))).await {
            Ok(1..) => {}
            Ok(0) if !begun => return Err(NoHead::Ended),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(NoHead::Slow { begun }),
            Ok(0) | Err(_) => return Err(NoHead::Cut),
        }
    }
}

impl Sender {
    fn what(self) -> &'static str {
        match self {
            Self::Client => "the request's head",
            Self::Target => "the head of the target's reply",
        }
    }

    /// What is the target's fault is a bad gateway, whatever it is.
    fn status(self, of_client: u16) -> u16 {
        if self == Self::Client { of_client } else { 502 }
    }
}

/// Where the head ends, the empty line included. `searched` remembers how far there was no end.
fn end(bytes: &[u8], searched: &mut usize, from: Sender) -> Result<Option<usize>, Refusal> {
    if from == Sender::Target {
        return if block::may_be_reply(bytes) { Ok(block::end(bytes, searched)) } else { Err(no_reply(bytes)) };
    }
    let Some(first) = block::first(bytes) else { return Ok(None) };
    if *searched <= first {
        refuse_other_protocols(&bytes[first..])?;
    }
    let start = first.max(searched.saturating_sub(3)).min(bytes.len());
    *searched = bytes.len();
    let end = memmem::find(&bytes[start..], b"\r\n\r\n").map(|at| start + at + 4);
    let head = &bytes[start..end.unwrap_or(bytes.len())];
    // Servers differ on bare line feeds, so that a request with them could be read in two ways.
    if memchr::memchr_iter(b'\n', head).any(|at| at > 0 && head[at - 1] != b'\r') {
        return Err(Refusal::new(400, "the request's head has a line feed alone"));
    }
    Ok(end)
}

/// A client that doesn't speak HTTP is told by its first byte; it may never send an empty line.
fn refuse_other_protocols(bytes: &[u8]) -> Result<(), Refusal> {
    match bytes.first() {
        // A TLS record of a handshake (RFC 8446, 5.1).
        Some(0x16) => Err(Refusal::new(400, "the client speaks TLS, and plain HTTP is expected here: write http://")),
        Some(byte) if !byte.is_ascii_graphic() => Err(Refusal::new(400, "the client does not speak HTTP")),
        _ => Ok(()),
    }
}

/// What a target says that speaks something else.
fn no_reply(bytes: &[u8]) -> Refusal {
    // A TLS record of an alert (RFC 8446, 5.1): what is sent to those who speak plainly.
    if bytes.starts_with(&[0x15, 0x03]) {
        return Refusal::new(502, "the target speaks TLS: give the address at which TLS has been taken off");
    }
    Refusal::new(502, "what the target answers does not begin with HTTP/1")
}

fn parse_request(block: &[u8], limits: &Limits) -> Result<RequestHead, Refusal> {
    let mut headers = room(block, limits, Sender::Client)?;
    let mut request = httparse::Request::new(&mut headers);
    let parsed = request.parse(block);
    let (Ok(httparse::Status::Complete(_)), Some(method), Some(target), Some(version)) =
        (&parsed, request.method, request.path, request.version)
    else {
        let why = parsed.err().map_or("it ends too early", block::wrong);
        let status = if parsed == Err(httparse::Error::Version) { 505 } else { 400 };
        return Err(Refusal::new(status, format!("the request's head can't be read: {why}")));
    };
    let http = if version == 0 { HttpVersion::Http10 } else { HttpVersion::Http11 };
    let metadata = block::metadata(request.headers);
    Ok(RequestHead {
        length: block.len(),
        method: method.to_owned(),
        target: origin_form(target).to_owned(),
        http,
        framing: framing::of_request(http, &metadata)?,
        metadata,
    })
}

fn parse_reply(block: &[u8], limits: &Limits) -> Result<ReplyHead, Refusal> {
    let mut headers = room(block, limits, Sender::Target)?;
    let mut response = httparse::Response::new(&mut headers);
    match (response.parse(block), response.code, response.version) {
        (Ok(httparse::Status::Complete(_)), Some(status @ 100..), Some(version)) => Ok(ReplyHead {
            length: block.len(),
            status,
            is_1_1: version == 1,
            metadata: block::metadata(response.headers),
        }),
        (parsed, ..) => {
            let why = parsed.err().map_or("its status is none", block::wrong);
            Err(Refusal::new(502, format!("the target's reply can't be read: {why}")))
        }
    }
}

/// What a block of trailers says.
pub(super) fn parse_trailers(block: &[u8], most: usize) -> Option<Metadata> {
    let trailers = block::trailers(block, block::room(block, most)?).ok()?;
    (trailers.len() <= most).then_some(trailers)
}

/// Room for the headers of `block`: one a line at most.
fn room(block: &[u8], limits: &Limits, from: Sender) -> Result<Vec<httparse::Header<'static>>, Refusal> {
    block::room(block, limits.headers).ok_or_else(|| {
        Refusal::new(from.status(431), format!("{} has more than {} headers", from.what(), limits.headers))
    })
}
