//! HAR 1.2, as browsers and mitmproxy write it: far more loosely than its specification has it.
//!
//! Read are `log.entries[]` with `request`, `response`, `startedDateTime`, `connection` and `_webSocketMessages`; all
//! else, `version` among it, is passed over. The decisions that the format leaves open:
//!
//! - Texts in HAR have their content encoding off, whatever the recorded `Content-Encoding` says. A reply keeps that
//!   header, and is decoded leniently; a call loses it, since what goes out must be what its headers say.
//! - A body whose text is missing is unknown, unless its size is given as 0. A status of 0 means that no reply came.
//! - `:authority` becomes `Host`; other pseudo-headers are dropped.
//! - Entries are sorted by `startedDateTime`, where all have one that can be read.
//! - Traffic goes to one origin: that of most entries. Others' entries are left out, and said to be.
//! - Whatever is left out is said in a note. An entry that makes no sense is left out; a file of nothing but such is
//!   an error.

mod body;
mod entry;
mod headers;
mod target;
mod text;
mod time;

use std::path::Path;

use serde_json::Value;

use self::entry::{Fate, fate};
use super::TrafficError;
use crate::model::{Call, Reply, Via};

/// The usable part of a HAR file, in order.
pub(super) struct Har {
    pub(super) entries: Vec<Entry>,
    pub(super) notes: Vec<String>,
}

/// One call and its reply, with what else sessions are told by.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) call: Call,
    pub(super) reply: Option<Reply>,
    /// Nanoseconds since 1970, where the file says so.
    pub(super) started: Option<i128>,
    /// The connection, where it tells one user from another.
    pub(super) connection: Option<String>,
    /// How it crossed the wire.
    pub(super) via: Via,
    origin: String,
}

/// Whether a file that begins with this line may be HAR.
pub(super) fn may_be(line: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Probe {
        log: Option<serde::de::IgnoredAny>,
    }
    if text::is_utf16(line) {
        return true;
    }
    // A whole object can be judged here; of all else the reader says where it goes wrong.
    let whole = serde_json::from_slice::<Probe>(line);
    line.trim_ascii_start().starts_with(b"{") && whole.map_or(true, |probe| probe.log.is_some())
}

/// Reads a HAR file.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Har, TrafficError> {
    let mut notes = Vec::new();
    let root = parse(path, bytes, &mut notes)?;
    let nothing =
        |reason: &str, remedy| TrafficError::Nothing { path: path.to_owned(), reason: reason.to_owned(), remedy };
    let entries = root.get("log").and_then(|log| log.get("entries")).and_then(Value::as_array).ok_or_else(|| {
        nothing("not a HAR file: there is no array `log.entries`", "export the traffic again, as HAR 1.2 with content")
    })?;
    if entries.is_empty() {
        return Err(nothing("`log.entries` is empty", "record some traffic first, then export it again"));
    }
    let mut kept = Vec::new();
    let mut bad = 0;
    for (number, raw) in entries.iter().enumerate() {
        match fate(raw, &mut |note| notes.push(format!("entry {number}: {note}"))) {
            Fate::Kept(entry) => kept.push(*entry),
            Fate::Skipped(why) => notes.push(format!("entry {number} is left out: {why}")),
            Fate::Bad(why) => {
                bad += 1;
                notes.push(format!("entry {number} is left out: {why}"));
            }
        }
    }
    if kept.is_empty() {
        let first = notes.iter().find(|note| note.contains("left out")).map_or("", String::as_str);
        let reason = if bad == entries.len() { "no entry can be read" } else { "no entry is a plain HTTP request" };
        return Err(nothing(&format!("{reason} ({first})"), "export the traffic again, as HAR 1.2 with content"));
    }
    keep_main_origin(&mut kept, &mut notes);
    if kept.iter().all(|entry| entry.started.is_some()) {
        kept.sort_by_key(|entry| entry.started);
    } else {
        notes.push("not every entry has a `startedDateTime` that can be read: the order is the file's".to_owned());
    }
    Ok(Har { entries: kept, notes })
}

fn parse(path: &Path, bytes: &[u8], notes: &mut Vec<String>) -> Result<Value, TrafficError> {
    let text = text::decode(bytes, notes);
    let parsed = serde_json::from_str(&text).or_else(|error| match text::without_lone_surrogates(&text) {
        Some(mended) => {
            notes.push("texts hold halves of surrogate pairs, which are read as U+FFFD".to_owned());
            serde_json::from_str(&mended)
        }
        None => Err(error),
    });
    parsed.map_err(|error| {
        let (reason, remedy) = if error.is_eof() {
            ("the file ends in the middle".to_owned(), "it was cut off: export it again")
        } else {
            (format!("not JSON: {error}"), "export the traffic again, as HAR 1.2")
        };
        TrafficError::Har { path: path.to_owned(), line: error.line(), column: error.column(), reason, remedy }
    })
}

fn keep_main_origin(entries: &mut Vec<Entry>, notes: &mut Vec<String>) {
    let mut origins: Vec<(String, usize)> = Vec::new();
    for entry in entries.iter() {
        match origins.iter_mut().find(|(origin, _)| *origin == entry.origin) {
            Some((_, count)) => *count += 1,
            None => origins.push((entry.origin.clone(), 1)),
        }
    }
    // Of equals the first stays.
    let main =
        origins.iter().rev().max_by_key(|(_, count)| *count).map(|(origin, _)| origin.clone()).unwrap_or_default();
    for (origin, count) in origins.iter().filter(|(origin, _)| *origin != main) {
        notes.push(format!("{count} entries of {origin} are left out: the recording is of {main}"));
    }
    entries.retain(|entry| entry.origin == main);
}

#[cfg(test)]
mod tests;
