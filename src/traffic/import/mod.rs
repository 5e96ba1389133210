//! Recordings from elsewhere to ours: read, put in order, numbered, with sessions and bindings found.
//!
//! Owns the passes of an import, each of which reads what the one before it left on disk, so that memory does not grow
//! with the length of what is imported. Refuses to know any format: `har`, `gor` and `lines` do.
//!
//! 1. [`gather`]: files to a heap of calls and replies, in the order in which they come;
//! 2. [`pair`]: where calls and replies come apart, each finds its own;
//! 3. [`order`]: exchanges sorted by time, traffic to other places left out, credentials taken out;
//! 4. `sessions` and `bindings`: whose each exchange is, and which values flow;
//! 5. [`settle`]: the recording is written.
//!
//! The main type is [`Imported`].

mod gather;
mod order;
mod pair;
mod settle;

use std::fs::File;
use std::path::{Path, PathBuf};

use super::redaction::Redaction;
use super::spool::Scratch;
use super::{TrafficError, Writer};

pub(super) use order::Ordered;

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

/// Imports recordings from elsewhere into one of ours, all in the order of their times, and takes credentials out.
pub fn import(files: &[PathBuf], out: &Path) -> Result<Imported, TrafficError> {
    import_with(files, out, Redaction::new())
}

/// The same, with credentials taken out or not.
pub fn import_with(files: &[PathBuf], out: &Path, redaction: Redaction) -> Result<Imported, TrafficError> {
    let (imported, writer) = written(files, out, redaction)?;
    writer.finish()?;
    Ok(imported)
}

/// The same, into a file that is not there yet and is not overwritten where it comes meanwhile.
pub fn import_new(files: &[PathBuf], out: &Path, redaction: Redaction) -> Result<Imported, TrafficError> {
    let (imported, writer) = written(files, out, redaction)?;
    writer.finish_new()?;
    Ok(imported)
}

fn written(files: &[PathBuf], out: &Path, redaction: Redaction) -> Result<(Imported, Writer), TrafficError> {
    let ordered = Ordered::of(gather::files(files, &Scratch::beside(out))?)?;
    let redacted = redaction.is_on() || ordered.redacted;
    let ordered = match redaction {
        Redaction::On(redactor) => ordered.redacted(redactor)?,
        Redaction::Off => ordered,
    };
    let writer = Writer::create(out, redacted)?;
    settle::write(ordered, writer)
}

/// Imports one file into a recording without a name, which vanishes with the process. Gives the digest of what was read.
pub(super) fn on_the_fly(path: &Path) -> Result<(File, Imported, String), TrafficError> {
    let place = Scratch::near(path);
    let gathered = gather::files(&[path.to_owned()], &place)?;
    let digest = gathered.digest.clone();
    let writer = Writer::temporary(path, place.file()?)?;
    let (imported, writer) = settle::write(Ordered::of(gathered)?, writer)?;
    Ok((writer.into_file()?, imported, digest))
}
