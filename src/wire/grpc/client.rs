//! Calls made from values: of every kind, with what came of them.
//!
//! All messages of a call go out, then its answers are read: a server of two-way streams that waits for nothing but the next
//! message has them all. Bounded by [`Limits`]: a stream that doesn't end is read for a while and left, as [`Outcome::open`] says.

use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor};

use super::descriptors::{Descriptors, Reading};
use super::frames::{self, split};
use super::{deadline, status};
use crate::model::{Body, Call, Ending, Fault, HttpVersion, Metadata, Reply, is_rpc};
use crate::wire::http::Http;
use crate::wire::{Endpoint, Limits, Protocol as _, Received, Route};

/// What goes with a call beside its messages.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// The caller's own metadata. Values of names that end in `-bin` are in base64.
    pub metadata: Metadata,
    /// How long the server may take; it is told.
    pub deadline: Option<Duration>,
    /// Messages go out compressed by gzip, and may come so.
    pub gzip: bool,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How it ended. Of a stream that is [open](Self::open): OK so far.
    pub ending: Ending,
    /// The messages that came, as far as they can be read.
    pub messages: Vec<DynamicMessage>,
    /// What was wrong with them.
    pub trouble: Option<String>,
    /// Headers.
    pub metadata: Metadata,
    /// Trailers.
    pub trailers: Metadata,
    /// The stream had not ended when enough of it was read.
    pub open: bool,
}

/// A client of services whose descriptors are known.
#[derive(Debug)]
pub struct Client<'h> {
    http: &'h Http,
    limits: Limits,
}

impl<'h> Client<'h> {
    /// One that calls by those connections, within these limits.
    pub fn new(http: &'h Http, limits: Limits) -> Self {
        Self { http, limits }
    }

    /// Calls a method of the server there. The answers are read by the method's own descriptors.
    pub async fn call(
        &self,
        to: &Endpoint,
        method: &MethodDescriptor,
        messages: &[DynamicMessage],
        terms: &Terms,
    ) -> Result<Outcome, Fault> {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let messages: Vec<Bytes> = messages.iter().map(|message| message.encode_to_vec().into()).collect();
        let descriptors = Descriptors::new(method.parent_pool().clone());
        let streams = method.is_server_streaming();
        let answered = ask(self.http, to, &call(&path, &messages, terms), streams, &self.limits).await?;
        let ending = answered.ending(Some(&Reading::own(&descriptors)));
        let (bytes, mut trouble) = answered.messages();
        let mut messages = Vec::with_capacity(bytes.len());
        for (number, bytes) in bytes.into_iter().enumerate() {
            match DynamicMessage::decode(method.output(), bytes) {
                Ok(message) => messages.push(message),
                Err(error) => {
                    trouble.get_or_insert(format!("message {}: {error}", number + 1));
                    break;
                }
            }
        }
        if !streams && ending.code.is_ok() && messages.len() != 1 {
            trouble.get_or_insert(format!("{} messages, where the method answers with one", messages.len()));
        }
        let Received { reply: Reply { metadata, trailers, .. }, open } = answered.0;
        Ok(Outcome { ending, messages, trouble, metadata, trailers, open })
    }
}

/// A call of a path with these messages.
pub(super) fn call(path: &str, messages: &[Bytes], terms: &Terms) -> Call {
    let mut metadata: Metadata = [("content-type", "application/grpc"), ("te", "trailers")].into_iter().collect();
    if let Some(deadline) = terms.deadline {
        metadata.push("grpc-timeout", deadline::written(deadline));
    }
    if terms.gzip {
        metadata.push("grpc-encoding", "gzip");
        metadata.push("grpc-accept-encoding", "gzip");
    }
    terms.metadata.iter().for_each(|(name, value)| metadata.push(name, value));
    let body = if terms.gzip { frames::packed(messages) } else { frames::written(messages) };
    Call { method: "POST".to_owned(), target: path.to_owned(), metadata, body: Body::of(body) }
}

/// Sends a call, and waits for what comes of it.
pub(super) async fn ask(
    http: &Http,
    to: &Endpoint,
    call: &Call,
    streams: bool,
    limits: &Limits,
) -> Result<Answered, Fault> {
    let route = Route { line: None, version: HttpVersion::Http2, streams };
    http.exchange(to, call, &route, limits).await.map(Answered)
}

/// What came back, before anybody has looked into it.
pub(super) struct Answered(pub Received);

impl Answered {
    /// How the call ended.
    pub fn ending(&self, reading: Option<&Reading>) -> Ending {
        if self.0.open {
            return Ending::ok();
        }
        status::ending(&self.0.reply, None, self.is_rpc(), reading)
    }

    /// The bytes of each message, and what is wrong with what comes after them.
    pub fn messages(&self) -> (Vec<Bytes>, Option<String>) {
        if !self.is_rpc() {
            return (Vec::new(), None);
        }
        let reply = &self.0.reply;
        let body = reply.body.bytes().unwrap_or_default().into_owned().into();
        match split(&body, reply.metadata.get("grpc-encoding")) {
            Ok(frames) if frames.rest > 0 && !self.0.open => {
                let trouble = format!("the last message is cut off: {} bytes of it came", frames.rest);
                (frames.messages, Some(trouble))
            }
            Ok(frames) => (frames.messages, None),
            Err(trouble) => (Vec::new(), Some(trouble)),
        }
    }

    fn is_rpc(&self) -> bool {
        self.0.reply.metadata.get("content-type").is_some_and(is_rpc)
    }
}
