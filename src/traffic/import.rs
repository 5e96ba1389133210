//! Foreign recordings to ours: reads, orders, numbers, and finds sessions and bindings.

use std::path::{Path, PathBuf};

use super::redaction::Redaction;
use super::sessions::{Groups, Origin};
use super::{TrafficError, Writer, bindings, har};
use crate::model::Exchange;

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// How many exchanges were written.
    pub exchanges: u64,
    /// How many sessions they belong to.
    pub sessions: u64,
    /// How many values of calls are bound to earlier replies.
    pub bindings: u64,
    /// What was left out or mended, and why.
    pub notes: Vec<String>,
}

/// Imports foreign recordings, one after the other, into one of ours, and takes credentials out.
pub fn import(files: &[PathBuf], out: &Path) -> Result<Imported, TrafficError> {
    import_with(files, out, Redaction::new())
}

/// Imports foreign recordings, one after the other, into one of ours, with credentials taken out or not.
pub fn import_with(files: &[PathBuf], out: &Path, redaction: Redaction) -> Result<Imported, TrafficError> {
    let mut read = Vec::new();
    for path in files {
        if let Some(kind) = super::reader::foreign(path) {
            return Err(TrafficError::NotInThisRelease { path: path.clone(), kind });
        }
        let bytes = std::fs::read(path).map_err(TrafficError::io("read", path))?;
        if super::reader::is_ours(&bytes) {
            let reason = "it is a straddle recording already".to_owned();
            return Err(TrafficError::Nothing { path: path.clone(), reason, remedy: "use it as it is" });
        }
        read.push((path.as_path(), bytes));
    }
    let redacted = redaction.is_on();
    let found = all(read, redaction)?;
    let mut writer = Writer::create(out, redacted)?;
    for exchange in &found.exchanges {
        writer.push(exchange)?;
    }
    writer.finish()?;
    Ok(Imported {
        exchanges: found.exchanges.len() as u64,
        sessions: found.exchanges.iter().filter(|exchange| exchange.last).count() as u64,
        bindings: found.exchanges.iter().map(|exchange| exchange.bindings.len() as u64).sum(),
        notes: found.notes,
    })
}

/// What was found in foreign files.
pub(super) struct Found {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) notes: Vec<String>,
}

/// Reads foreign files whole, one after the other.
pub(super) fn all<'a>(
    files: impl IntoIterator<Item = (&'a Path, Vec<u8>)>,
    redaction: Redaction,
) -> Result<Found, TrafficError> {
    let mut found = Found { exchanges: Vec::new(), notes: Vec::new() };
    let mut origins = Vec::new();
    for (file, (path, bytes)) in files.into_iter().enumerate() {
        if bytes.trim_ascii().is_empty() {
            return Err(TrafficError::Empty { path: path.to_owned() });
        }
        let har = har::read(path, &bytes)?;
        found.notes.extend(har.notes);
        let begin = har.entries.first().and_then(|entry| entry.started);
        let base = found.exchanges.last().map_or(0, |last| last.offset_ms);
        for entry in har.entries {
            let since = entry.started.zip(begin).map_or(0, |(at, begin)| (at - begin) / 1_000_000);
            found.exchanges.push(Exchange {
                index: found.exchanges.len() as u64,
                session: 0,
                last: false,
                offset_ms: base + u64::try_from(since).unwrap_or_default(),
                call: entry.call,
                reply: entry.reply,
                bindings: Vec::new(),
                used: Vec::new(),
                via: entry.via,
            });
            origins.push(Origin { file, connection: entry.connection });
        }
    }
    if let Redaction::On(mut redactor) = redaction {
        // Twice: so that a credential is known before the exchange that gives it away, too.
        found.exchanges.iter().for_each(|exchange| redactor.learn(&exchange.call, exchange.reply.as_ref()));
        for exchange in &mut found.exchanges {
            redactor.apply(&mut exchange.call, exchange.reply.as_mut());
        }
    }
    let mut groups = Groups::by_credential(&found.exchanges, origins);
    bindings::find(&mut found.exchanges, &mut groups);
    Ok(found)
}
