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
//!
//! The file is read as a stream, one entry at a time. A text of 64 MiB or more is taken as unknown, and an entry of more
//! than 100,000 values left out: what a hostile file asks for is bounded by that, whatever its length.

mod body;
mod entry;
mod headers;
mod stream;
mod target;
mod text;
mod time;
mod write;

use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::de::DeserializeSeed as _;
use serde_json::Value;

use self::entry::{Fate, fate};
use self::stream::{MOST, Root};
use self::text::Text;
use super::TrafficError;
use super::notes::Notes;
use crate::model::{Call, Reply, Via};

pub(super) use self::text::is_utf16;
pub use self::write::{Exported, export};

/// One call and its reply, with what else sessions are told by.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) call: Call,
    pub(super) reply: Option<Reply>,
    /// Nanoseconds since 1970, where the file says so.
    pub(super) started: Option<i128>,
    /// The connection, where it tells one user from another.
    pub(super) connection: Option<String>,
    /// The session, where straddle wrote the file.
    pub(super) session: Option<String>,
    /// How it crossed the wire.
    pub(super) via: Via,
    /// Where it went: `http://shop.test`.
    pub(super) origin: String,
}

/// Who takes the entries.
pub(super) type Take<'t> = dyn FnMut(Entry) -> Result<(), TrafficError> + 't;

/// Whether a file that begins with this line may be HAR.
pub(super) fn may_be(line: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Probe {
        log: Option<serde::de::IgnoredAny>,
    }
    // A whole object can be judged here; of all else the reader says where it goes wrong.
    let whole = serde_json::from_slice::<Probe>(line);
    line.starts_with(b"{") && whole.map_or(true, |probe| probe.log.is_some())
}

/// Reads a HAR file, and hands over each entry that can be used, in the file's order.
pub(super) fn read(
    path: &Path,
    input: &mut (dyn BufRead + Send),
    notes: &mut Notes,
    take: &mut Take<'_>,
) -> Result<(), TrafficError> {
    let mut text = Text::of(input);
    let mut reading = Reading { count: 0, kept: 0, bad: 0, first: None, notes, take, stopped: None };
    let mut found = false;
    let parsed = {
        let mut parser = serde_json::Deserializer::from_reader(BufReader::new(&mut text));
        let root = Root { take: &mut |entry| reading.entry(entry), found: &mut found };
        root.deserialize(&mut parser).and_then(|()| parser.end())
    };
    let Reading { count, kept, bad, first, stopped, .. } = reading;
    if let Some(stopped) = stopped {
        return Err(stopped);
    }
    if let Err(error) = parsed
        && !error.is_data()
    {
        return Err(torn(path, &error));
    }
    let nothing =
        |reason: &str, remedy| TrafficError::Nothing { path: path.to_owned(), reason: reason.to_owned(), remedy };
    if !found {
        let reason = "not a HAR file: there is no array `log.entries`";
        return Err(nothing(reason, "export the traffic again, as HAR 1.2 with content"));
    }
    if count == 0 {
        return Err(nothing("`log.entries` is empty", "record some traffic first, then export it again"));
    }
    if kept == 0 {
        let reason = if bad == count { "no entry can be read" } else { "no entry is a plain HTTP request" };
        let first = first.unwrap_or_default();
        return Err(nothing(&format!("{reason} ({first})"), "export the traffic again, as HAR 1.2 with content"));
    }
    let mended = text.mended();
    if mended.bytes {
        notes.add("the file is not UTF-8 throughout: what can't be read stands as U+FFFD".to_owned());
    }
    if mended.halves {
        notes.add("texts hold halves of surrogate pairs, which are read as U+FFFD".to_owned());
    }
    Ok(())
}

/// What was seen so far.
struct Reading<'r, 't> {
    count: u64,
    kept: u64,
    bad: u64,
    /// The first that was left out, and why.
    first: Option<String>,
    notes: &'r mut Notes,
    take: &'r mut Take<'t>,
    stopped: Option<TrafficError>,
}

impl Reading<'_, '_> {
    fn entry(&mut self, raw: Option<Value>) -> bool {
        let number = self.count;
        self.count += 1;
        let notes = &mut *self.notes;
        let fate = match raw {
            Some(raw) => fate(raw, &mut |note| notes.add(format!("entry {number}: {note}"))),
            None => Fate::Bad(format!("it holds more than {MOST} values")),
        };
        let (bad, why) = match fate {
            Fate::Kept(entry) => {
                self.kept += 1;
                self.stopped = (self.take)(*entry).err();
                return self.stopped.is_none();
            }
            Fate::Skipped(why) => (false, why),
            Fate::Bad(why) => (true, why),
        };
        self.bad += u64::from(bad);
        let note = format!("entry {number} is left out: {why}");
        self.first.get_or_insert_with(|| note.clone());
        self.notes.add(note);
        true
    }
}

fn torn(path: &Path, error: &serde_json::Error) -> TrafficError {
    let (line, column) = (error.line(), error.column());
    if error.is_io() {
        return TrafficError::Har {
            path: path.to_owned(),
            line,
            column,
            reason: format!("can't be read any further: {error}"),
            remedy: "it is damaged or was cut off: export it again",
        };
    }
    let (reason, remedy) = if error.is_eof() {
        ("the file ends in the middle".to_owned(), "it was cut off: export it again")
    } else {
        (format!("not JSON: {error}"), "export the traffic again, as HAR 1.2")
    };
    TrafficError::Har { path: path.to_owned(), line, column, reason, remedy }
}

#[cfg(test)]
mod tests;
