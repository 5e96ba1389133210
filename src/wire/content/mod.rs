//! A payload's headers and bytes to a [`Content`]: encodings off, text to UTF-8, the form chosen, the document left to
//! whoever asks.

mod choice;
mod readers;

use bytes::Bytes;

use self::choice::{Choice, by_bytes, by_type};
use super::encoding::{self, MAX_DECODED};
use super::protocol::Asked;
use super::{events, form, grpc, magic, media};
use crate::model::{Answer, Body, Call, Content, Document, Form, Metadata, Reply};

/// A reply to what was asked, decoded; leniently where it comes from a recording.
pub fn answer(reply: &Reply, asked: &Asked<'_>, lenient: bool) -> Answer {
    let content = || of(&reply.metadata, &reply.body, lenient);
    if let Some(path) = asked.procedure {
        let coming = if lenient { grpc::Coming::Recorded } else { grpc::Coming::Live };
        return grpc::answer(reply, path, asked.reading, coming, content);
    }
    let Reply { status, metadata, trailers, .. } = reply;
    let (metadata, trailers) = (metadata.clone(), trailers.clone());
    Answer { status: *status, metadata, trailers, content: content(), rpc: None }
}

/// A reply of which only the first part was read, since it is a stream without an end.
pub fn open_answer(reply: &Reply, asked: &Asked<'_>) -> Answer {
    let content = open_content(reply);
    if let Some(path) = asked.procedure {
        return grpc::answer(reply, path, asked.reading, grpc::Coming::Open, || content);
    }
    let Reply { status, metadata, trailers, .. } = reply.clone();
    Answer { status, metadata, trailers, content, rpc: None }
}

fn open_content(reply: &Reply) -> Content {
    let encodings = encoding::named(reply.metadata.all("content-encoding"));
    let body = Body::of(encoding::decode_part(&encodings, &reply.body.bytes().unwrap_or_default()));
    let content_type = reply.metadata.get("content-type");
    let whole = content(content_type, &[], &body, false);
    // Where it was cut is no trouble of the stream's.
    let read = match (&whole.bytes, whole.form) {
        (Some(bytes), Form::Events) => Some(bytes.slice(..events::whole(bytes))),
        (Some(bytes), _) if whole.trouble.is_some() => memchr::memrchr(b'\n', bytes).map(|end| bytes.slice(..=end)),
        _ => None,
    };
    let content = match read {
        Some(bytes) => content(content_type, &[], &Body::of(bytes), false),
        None => whole,
    };
    content.open(true)
}

/// What a recorded call carries, decoded; the messages of a remote procedure by what reads them, where that is known.
pub fn carried(call: &Call, reading: Option<&grpc::Reading>) -> Content {
    if let Some(content) = grpc::carried(call, reading) {
        return content;
    }
    let content = of(&call.metadata, &call.body, true);
    if content.form != Form::Xml {
        return content;
    }
    // Nothing can be put into XML but by whoever knows how it was written: so nothing is taken to be bound in it.
    Content::new(content.media, Form::Text, content.bytes, content.trouble, readers::TEXT)
}

/// A payload of that `Content-Type` and those values of `Content-Encoding`, decoded.
pub fn content(content_type: Option<&str>, encodings: &[&str], body: &Body, lenient: bool) -> Content {
    let media = content_type.map(media::essence).unwrap_or_default();
    let raw = match body {
        Body::Unknown => return Content::new(media.clone(), media::form(&media), None, None, readers::NOTHING),
        Body::Empty => Bytes::new(),
        Body::Frames(frames) if frames.len() == 1 => frames[0].clone(),
        Body::Frames(frames) => frames.concat().into(),
    };
    let encodings = encoding::named(encodings.iter().copied());
    let (bytes, trouble) = if lenient {
        encoding::decode_lenient(&encodings, &raw)
    } else {
        match encoding::decode(&encodings, &raw, MAX_DECODED) {
            Ok(bytes) => (bytes, None),
            Err(trouble) => (raw, Some(trouble)),
        }
    };
    let choice = match (trouble, content_type) {
        (Some(trouble), _) => Choice::opaque(bytes).but(trouble),
        (None, _) if bytes.is_empty() => Choice::of(Form::Empty, readers::NOTHING, bytes),
        (None, Some(content_type)) if !media.is_empty() => by_type(content_type, &media, bytes, lenient),
        (None, _) => by_bytes(bytes),
    };
    let detected = (choice.form == Form::Opaque).then(|| magic::detect(&choice.bytes)).flatten();
    let content =
        Content::new(media, choice.form, Some(choice.bytes), choice.trouble, choice.reader).detected(detected);
    match choice.leaves {
        Some(leaves) => content.counted(leaves),
        None => content,
    }
}

fn of(metadata: &Metadata, body: &Body, lenient: bool) -> Content {
    let encodings: Vec<&str> = metadata.all("content-encoding").collect();
    content(metadata.get("content-type"), &encodings, body, lenient)
}

/// What a part of a multipart body holds, so many of them deep.
pub(super) fn nested(content_type: &str, bytes: &Bytes, depth: usize) -> Document {
    let media = media::essence(content_type);
    if bytes.is_empty() {
        return Document::text("");
    }
    if media.starts_with("multipart/") {
        let own = form::without_preamble(bytes, media::parameter(content_type, "boundary"));
        return form::mixed_at(&own, depth).unwrap_or_else(|| readers::text(bytes));
    }
    let choice = by_type(content_type, &media, bytes.clone(), true);
    (choice.reader.decode)(&choice.bytes)
}

#[cfg(test)]
mod tests;
