//! Replies and calls of gRPC, decoded.

use bytes::Bytes;

use super::descriptors::Reading;
use super::frames::{self, Frames, split};
use super::{read, status};
use crate::model::{Answer, Body, Call, Content, Document, Ending, Form, Metadata, Reader, Reply, is_rpc};
use crate::wire::weight::Weight;
use crate::wire::{json, media};

/// How a payload is read whose document stands already, or that nobody can look into.
const BYTES: Reader = Reader { decode: |bytes| Document::Bytes(bytes.clone()), leaves: |_| 1 };

/// How a reply came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::wire) enum Coming {
    /// Whole, from a server.
    Live,
    /// From a server, which goes on.
    Open,
    /// Out of a recording, whose format may have no place for trailers.
    Recorded,
}

/// Which end of a call a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Request,
    Reply,
}

/// A reply to a call of that path; `other` decodes what is no gRPC.
pub(in crate::wire) fn answer(
    reply: &Reply,
    path: &str,
    reading: Option<&Reading>,
    coming: Coming,
    other: impl FnOnce() -> Content,
) -> Answer {
    let open = coming == Coming::Open;
    let content_type = reply.metadata.get("content-type");
    let (content, ending) = if let Some(content_type) = content_type.filter(|it| is_rpc(it)) {
        let body = reply.body.bytes().unwrap_or_default().into_owned().into();
        let split = split(&body, compression(&reply.metadata));
        let within = split.as_ref().ok().and_then(|frames| frames.trailers.as_ref());
        let is_known = coming != Coming::Recorded || status::is_said(reply, within);
        let ending = match coming {
            // A stream that goes on has not failed so far.
            Coming::Open => Some(Ending::ok()),
            _ => is_known.then(|| status::ending(reply, within, true, reading)),
        };
        let fine = ending.as_ref().is_some_and(|ending| ending.code.is_ok());
        let known = !matches!(reply.body, Body::Unknown);
        let whole = Whole { media: essence(content_type), path, end: End::Reply, open, one: fine };
        let content = if known { whole.content(body, split, reading) } else { unknown(whole.media) };
        (content, ending)
    } else {
        (other(), Some(status::ending(reply, None, false, reading)))
    };
    let Reply { status, metadata, trailers, .. } = reply.clone();
    Answer { status, metadata, trailers, content, rpc: ending.map(Box::new) }
}

/// What a call carries; none where it is no gRPC.
pub(in crate::wire) fn carried(call: &Call, reading: Option<&Reading>) -> Option<Content> {
    let path = call.procedure().filter(|_| !matches!(call.body, Body::Unknown))?;
    let media = essence(call.metadata.get("content-type")?);
    let body = call.body.bytes().unwrap_or_default().into_owned().into();
    let split = split(&body, compression(&call.metadata));
    let whole = Whole { media, path, end: End::Request, open: false, one: false };
    Some(whole.content(body, split, reading))
}

/// The media type; the codec that goes without saying is not said.
fn essence(content_type: &str) -> String {
    let media = media::essence(content_type);
    media.strip_suffix("+proto").map_or_else(|| media.clone(), str::to_owned)
}

fn compression(metadata: &Metadata) -> Option<&str> {
    metadata.get("grpc-encoding")
}

fn unknown(media: String) -> Content {
    Content::new(media, Form::Opaque, None, None, BYTES)
}

/// A body as a whole, and what is known of it.
struct Whole<'a> {
    media: String,
    path: &'a str,
    end: End,
    /// More may follow.
    open: bool,
    /// The call went well, so that there is one message where no stream was promised.
    one: bool,
}

impl Whole<'_> {
    fn content(self, body: Bytes, split: Result<Frames, String>, reading: Option<&Reading>) -> Content {
        let opaque = |bytes, trouble| Content::new(self.media.clone(), Form::Opaque, Some(bytes), trouble, BYTES);
        let frames = match split {
            Ok(frames) if frames.rest > 0 && !self.open => {
                return opaque(body, Some(format!("the last message is cut off: {} bytes of it came", frames.rest)));
            }
            Ok(frames) => frames,
            Err(trouble) => return opaque(body, Some(trouble)),
        };
        // How it was compressed says nothing.
        let bytes = frames::written(&frames.messages);
        let content = match self.document(&frames.messages, reading) {
            Ok(Some((document, leaves))) => {
                let content = Content::new(self.media.clone(), Form::Messages, Some(bytes), None, BYTES);
                content.decoded(document).counted(leaves)
            }
            Ok(None) if bytes.is_empty() => {
                Content::new(self.media.clone(), Form::Empty, Some(bytes), None, BYTES).decoded(Document::Null)
            }
            Ok(None) => opaque(bytes, None),
            Err(trouble) => opaque(bytes, Some(trouble)),
        };
        content.open(self.open)
    }

    /// The document and its leaves; none where nothing says how to read it.
    fn document(&self, messages: &[Bytes], reading: Option<&Reading>) -> Result<Option<(Document, u64)>, String> {
        let method = reading.and_then(|reading| reading.reader.method(self.path));
        let streams = method.as_ref().map(|method| match self.end {
            End::Request => method.is_client_streaming(),
            End::Reply => method.is_server_streaming(),
        });
        if streams == Some(false) && self.one && messages.len() != 1 {
            return Err(format!("{} messages, where the method answers with one", messages.len()));
        }
        let mut weight = Weight::default();
        let documents: Vec<Document> = if self.media.ends_with("+json") {
            messages.iter().map(|message| by_json(message, &mut weight)).collect::<Result<_, _>>()?
        } else if let (Some(method), Some(reading)) = (&method, reading) {
            let writers = reading.writer.as_ref().and_then(|writer| writer.method(self.path));
            let of = |method: &prost_reflect::MethodDescriptor| match self.end {
                End::Request => method.input(),
                End::Reply => method.output(),
            };
            let (message, writers) = (of(method), writers.as_ref().map(of));
            let each = messages.iter().enumerate().map(|(number, bytes)| {
                let read = read::message(&message, writers.as_ref(), bytes, &mut weight);
                read.map_err(|why| format!("message {}: {why}", number + 1))
            });
            each.collect::<Result<_, _>>()?
        } else {
            return Ok(None);
        };
        if messages.is_empty() && streams != Some(true) {
            return Ok(None);
        }
        let is_list = streams.unwrap_or(messages.len() != 1);
        let mut documents = documents;
        let only = if is_list { None } else { documents.pop() };
        let document = only.unwrap_or(Document::List(documents));
        let leaves = document.leaves();
        Ok(Some((document, leaves)))
    }
}

fn by_json(message: &Bytes, weight: &mut Weight) -> Result<Document, String> {
    let own = json::weigh(message).map_err(|error| format!("not JSON: {error}"))?;
    *weight = weight.and(own);
    if let Some(trouble) = weight.too_much(message.len()) {
        return Err(trouble);
    }
    json::parse(message).map_err(|error| format!("not JSON: {error}"))
}
