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
    /// Temporary files can't be kept.
    #[error("can't keep temporary files in {}: {source}; make room there, or name a place that has more", folder.display())]
    Scratch {
        /// Where they are made.
        folder: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// It was another file at the end than at the beginning.
    #[error("{} changed while it was read: {how}; try again when nobody writes to it", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What is different.
        how: String,
    },
    /// There are more exchanges than can be numbered.
    #[error("there are more than {most} exchanges; import them in parts")]
    TooMany {
        /// As many can be.
        most: u32,
    },
    /// There is not one byte.
    #[error("recording {} is empty; record or export it again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Neither of the formats that straddle reads.
    #[error("{}, line 1: not a recording: {reason}; give a straddle recording, a HAR file or a GoReplay file", path.display())]
    NotARecording {
        /// The file.
        path: PathBuf,
        /// What it looks like instead.
        reason: String,
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
    /// A file of which nothing can be used.
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
    /// Whether the surroundings are in the way, and not what the file says.
    pub fn is_of_the_surroundings(&self) -> bool {
        matches!(self, Self::Scratch { .. } | Self::Io { verb: "write", .. })
    }

    /// For `map_err`: the file that could not be read or written.
    pub(super) fn io(verb: &'static str, path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { verb, path, source }
    }
}
