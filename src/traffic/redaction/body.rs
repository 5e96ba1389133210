//! Bodies: content encodings off, the syntax told by the type, each looked through as its syntax has it.

use std::borrow::Cow;

use bytes::Bytes;

use super::spots::{From, Spot};
use super::{form, json, markup, shapes};
use crate::model::{Body, Metadata};
use crate::wire::encoding;

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// JSON, lines of it, and events that hold some.
    Json,
    /// `a=1&b=2`.
    Form,
    /// Parts, some of them named.
    Multipart,
    /// HTML.
    Page,
    /// XML.
    Xml,
    /// Text of any other kind.
    Text,
    /// Pictures, fonts and other files: nothing in them has a name.
    File,
}

impl Syntax {
    /// The syntax of a body with these headers.
    pub(super) fn of(metadata: &Metadata, bytes: &[u8]) -> Self {
        let media = metadata.get("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let media = media.to_ascii_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| media.contains(part));
        if has(&["json", "event-stream"]) {
            Self::Json
        } else if media == "application/x-www-form-urlencoded" {
            Self::Form
        } else if media.starts_with("multipart/") {
            Self::Multipart
        } else if has(&["html"]) {
            Self::Page
        } else if has(&["xml"]) && !media.starts_with("image/") {
            Self::Xml
        } else if ["image/", "font/", "audio/", "video/"].iter().any(|start| media.starts_with(start)) || has(&["wasm"])
        {
            Self::File
        } else if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
            Self::Json
        } else {
            Self::Text
        }
    }
}

/// A body, as far as it can be looked through.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// There is nothing in it.
    Nothing,
    /// Its bytes with the content encodings off, frame by frame.
    Frames(Vec<Bytes>),
    /// An encoding that nobody can take off, and text below it: whatever credentials that has stay unseen.
    Sealed,
}

/// A body with its content encodings off.
pub(super) fn plain(metadata: &Metadata, body: &Body) -> Plain {
    let Body::Frames(frames) = body else { return Plain::Nothing };
    let named = encoding::named(metadata.all("content-encoding"));
    if named.is_empty() {
        return Plain::Frames(frames.clone());
    }
    if let [only] = frames.as_slice() {
        let (bytes, trouble) = encoding::decode_lenient(&named, only);
        let sealed = trouble.is_some() || (bytes == *only && is_sealed(metadata, only));
        return if sealed && !is_file(metadata, only) { Plain::Sealed } else { Plain::Frames(vec![bytes]) };
    }
    let sealed = frames.iter().any(|frame| !is_file(metadata, frame) && is_sealed(metadata, frame));
    if sealed { Plain::Sealed } else { Plain::Frames(frames.clone()) }
}

fn is_file(metadata: &Metadata, bytes: &[u8]) -> bool {
    Syntax::of(metadata, bytes) == Syntax::File
}

/// Whether what goes by an encoding is no text though its type says that it is one below that: recordings of browsers have
/// decoded bodies beside headers that say otherwise.
fn is_sealed(metadata: &Metadata, bytes: &[u8]) -> bool {
    let media = metadata.get("content-type").unwrap_or_default().trim().to_ascii_lowercase();
    let textual = ["text", "json", "xml", "html", "form-urlencoded", "javascript", "graphql", "yaml"];
    let is_text = media.is_empty() || textual.iter().any(|part| media.contains(part));
    let has_controls = || bytes.iter().any(|b| b.is_ascii_control() && !b.is_ascii_whitespace());
    is_text && (std::str::from_utf8(bytes).is_err() || has_controls())
}

/// The credentials of one frame of a body.
pub(super) fn spots(metadata: &Metadata, bytes: &[u8], from: From) -> Vec<Spot> {
    let mut spots = Vec::new();
    let text = ascii_lossy(bytes);
    match Syntax::of(metadata, bytes) {
        Syntax::File => return spots,
        Syntax::Json => json::spots(&text, from, &mut spots),
        Syntax::Form => form::urlencoded(&text, 0, from, &mut spots),
        Syntax::Multipart => {
            form::multipart(&text, metadata.get("content-type").unwrap_or_default(), from, &mut spots);
        }
        Syntax::Page => {
            markup::page(&text, from, &mut spots);
            shapes::assigned(bytes, from, &mut spots);
        }
        Syntax::Xml => markup::xml(&text, from, &mut spots),
        Syntax::Text => shapes::assigned(bytes, from, &mut spots),
    }
    shapes::anywhere(bytes, from, &mut spots);
    spots
}

/// The text; where it is not UTF-8, with a `?` for each byte that is not ASCII: all else stays where it was.
fn ascii_lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(
        |_| Cow::Owned(bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '?' }).collect()),
        Cow::Borrowed,
    )
}
