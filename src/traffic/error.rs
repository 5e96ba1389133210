//! What can be wrong with a recording, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why a recording can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    /// The file system says no.
    #[error("can't {verb} recording {}: {source}; check the path and its permissions", path.display())]
    Io {
        /// What was tried: `read`, `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// A recording would be overwritten.
    #[error("{} is there already; name another file, or remove it", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else is recording into the same file.
    #[error("{} is being written by another straddle; name another file, or stop that one", path.display())]
    BeingWritten {
        /// The file.
        path: PathBuf,
    },
    /// What a recorder left that was killed.
    #[error(
        "{} was left by a recorder that did not end; `straddle import {} --out {}` makes a recording of it, or remove it",
        part.display(), part.display(), out.display()
    )]
    LeftBehind {
        /// The file that was left.
        part: PathBuf,
        /// The recording that it was for.
        out: PathBuf,
    },
    /// There is not one byte.
    #[error("recording {} is empty; record or export it again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Neither of the formats that straddle reads.
    #[error("{}, line 1: not a recording: {reason}; give a straddle recording or a HAR file", path.display())]
    NotARecording {
        /// The file.
        path: PathBuf,
        /// What it looks like instead.
        reason: String,
    },
    /// A format that this release doesn't read.
    #[error("{}: {kind} files are not read by this release; export the traffic as HAR 1.2 instead", path.display())]
    NotInThisRelease {
        /// The file.
        path: PathBuf,
        /// The format's name.
        kind: &'static str,
    },
    /// Written by a later straddle, in a way that this one would misread.
    #[error("{}, line 1: format {major}.x is newer than {known}.x, which this straddle reads; upgrade straddle, or import the \
             original file again", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its major version.
        major: u64,
        /// The greatest that is known here.
        known: u32,
    },
    /// A line that doesn't say what it should.
    #[error("{}, line {line}: {reason}; {remedy}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
        /// The next step.
        remedy: &'static str,
    },
    /// A HAR file that is no HAR file.
    #[error("{}, line {line}, column {column}: {reason}; {remedy}", path.display())]
    Har {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong with it.
        reason: String,
        /// The next step.
        remedy: &'static str,
    },
    /// A HAR file of which nothing can be used.
    #[error("{}: {reason}; {remedy}", path.display())]
    Nothing {
        /// The file.
        path: PathBuf,
        /// Why nothing is left.
        reason: String,
        /// The next step.
        remedy: &'static str,
    },
}

impl TrafficError {
    /// For `map_err`: the file that could not be read or written.
    pub(super) fn io(verb: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { verb, path, source }
    }
}
