//! A recording that is being written as traffic goes: `OUT.part`, which an import makes whole.
//!
//! It is in straddle's own format; its header says that sessions and bindings were not looked for. Each line is written when its
//! exchange has ended, so that `index` need not grow from line to line. One writer has it at a time, by a lock on the file, which
//! goes with its process.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::TrafficError;
use super::format::{Header, Line, Written};
use crate::model::Exchange;

/// The file that goes before a recording.
#[derive(Debug)]
pub struct Part {
    path: PathBuf,
    file: File,
    /// The line that is written next.
    line: Line,
    /// Where the last whole line ends.
    whole: u64,
}

impl Part {
    /// What it is called: `OUT.part`.
    pub fn path_of(out: &Path) -> PathBuf {
        let mut name = OsString::from(out);
        name.push(".part");
        name.into()
    }

    /// Begins one for `out`, which is not there yet. `redacted`: credentials are taken out of it.
    pub fn begin(out: &Path, redacted: bool) -> Result<Self, TrafficError> {
        let path = Self::path_of(out);
        if out.try_exists().map_err(TrafficError::io("write", out))? {
            return Err(TrafficError::Taken { path: out.to_owned() });
        }
        let file = locked(&path)?;
        if file.metadata().map_err(TrafficError::io("write", &path))?.len() > 0 {
            return Err(TrafficError::LeftBehind { part: path, out: out.to_owned() });
        }
        let mut part = Self { path, file, line: Line::new(), whole: 0 };
        part.line.header(&Header::current(false, redacted));
        part.write()?;
        Ok(part)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds an exchange: after this it is in the file, whole, unless it can't be.
    pub fn push(&mut self, exchange: &Exchange) -> Result<Written, TrafficError> {
        let written = self.line.exchange(exchange);
        self.write().map(|()| written)
    }

    /// Takes the file away, when the recording that it was for is there.
    pub fn remove(self) -> Result<(), TrafficError> {
        std::fs::remove_file(&self.path).map_err(TrafficError::io("remove", &self.path))
    }

    fn write(&mut self) -> Result<(), TrafficError> {
        let line = self.line.bytes();
        match self.file.write_all(line) {
            Ok(()) => {
                self.whole += line.len() as u64;
                Ok(())
            }
            Err(error) => {
                // A full disk left half a line. Where it can't be cut off, whoever reads the file passes over it.
                let _ = self.file.set_len(self.whole);
                let _ = self.file.seek(SeekFrom::Start(self.whole));
                Err(TrafficError::io("write", &self.path)(error))
            }
        }
    }
}

/// The file of that name, made where it is missing, and locked.
fn locked(path: &Path) -> Result<File, TrafficError> {
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(TrafficError::io("write", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(TrafficError::BeingWritten { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(TrafficError::io("lock", path)(error)),
        }
        // Whoever had the lock may have removed the file before it let go.
        if leads_to(path, &file) {
            return Ok(file);
        }
    }
}

/// Whether the file of that name is still this one.
pub(super) fn leads_to(path: &Path, file: &File) -> bool {
    let is_it =
        |now: std::fs::Metadata| file.metadata().is_ok_and(|ours| ours.ino() == now.ino() && ours.dev() == now.dev());
    std::fs::metadata(path).is_ok_and(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Call, Via};

    fn exchange(index: u64) -> Exchange {
        Exchange {
            index,
            session: 0,
            last: false,
            offset_ms: 0,
            call: Call { method: "GET".to_owned(), target: "/".to_owned(), ..Call::default() },
            reply: None,
            bindings: Vec::new(),
            used: Vec::new(),
            via: Via::default(),
        }
    }

    #[test]
    fn each_exchange_is_in_the_file_when_it_is_pushed() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = Part::begin(&folder.path().join("out.jsonl"), true).unwrap();
        let lines = |part: &Part| std::fs::read_to_string(part.path()).unwrap().lines().count();
        assert_eq!(lines(&part), 1);
        part.push(&exchange(1)).unwrap();
        part.push(&exchange(0)).unwrap();
        assert_eq!(lines(&part), 3);
        part.remove().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_was_removed_is_not_taken_for_the_one_that_has_its_name_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let file = File::create(&path).unwrap();
        assert!(leads_to(&path, &file));
        std::fs::remove_file(&path).unwrap();
        assert!(!leads_to(&path, &file));
        let other = File::create(&path).unwrap();
        assert!(!leads_to(&path, &file) && leads_to(&path, &other));
    }

    #[test]
    fn a_second_writer_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.jsonl");
        let part = Part::begin(&out, true).unwrap();
        let error = Part::begin(&out, true).unwrap_err().to_string();
        assert!(error.contains("out.jsonl.part is being written by another straddle"), "{error}");
        drop(part);
        let error = Part::begin(&out, true).unwrap_err().to_string();
        assert!(error.contains("`straddle import"), "{error}");
    }

    #[test]
    fn a_recording_that_is_there_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.jsonl");
        std::fs::write(&out, "precious").unwrap();
        let error = Part::begin(&out, true).unwrap_err().to_string();
        assert!(error.contains("out.jsonl is there already"), "{error}");
    }
}
