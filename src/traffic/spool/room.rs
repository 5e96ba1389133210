//! Bytes that are written one after the other and read anywhere.

use std::cell::RefCell;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::traffic::TrafficError;

/// As much is kept in memory before anything goes to disk.
const IN_MEMORY: usize = 4 << 20;
/// And as much before more goes there: what the cache still holds.
const MORE: usize = 256 << 10;
/// As much is read at once of stretches that follow each other.
const AHEAD: usize = 64 << 10;

/// Where temporary files are made.
#[derive(Debug, Clone)]
pub(in crate::traffic) struct Place(PathBuf);

impl Place {
    /// The folder of the file that is being made: what fits there fits there twice, as a rule.
    pub(in crate::traffic) fn beside(path: &Path) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self(folder.unwrap_or(Path::new(".")).to_owned())
    }

    /// The folder of the file that is read or, where nothing can be written there, the system's for such files.
    pub(in crate::traffic) fn near(path: &Path) -> Self {
        let beside = Self::beside(path);
        if beside.file().is_ok() { beside } else { Self::of_the_system() }
    }

    /// The system's folder for such files: the same whatever the environment says.
    pub(in crate::traffic) fn of_the_system() -> Self {
        Self(PathBuf::from("/tmp"))
    }

    /// A file without a name.
    pub(in crate::traffic) fn file(&self) -> Result<File, TrafficError> {
        tempfile::tempfile_in(&self.0).map_err(|source| self.failed(source))
    }

    pub(in crate::traffic) fn failed(&self, source: std::io::Error) -> TrafficError {
        TrafficError::Scratch { folder: self.0.clone(), source }
    }
}

/// A stretch of what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::traffic) struct Span {
    pub(in crate::traffic) start: u64,
    pub(in crate::traffic) length: u64,
}

/// Bytes in memory or, from a certain length on, in a file.
pub(in crate::traffic) struct Spool {
    place: Place,
    /// Behind what the file holds.
    tail: Vec<u8>,
    file: Option<File>,
    /// How much the file holds.
    written: u64,
    /// Where what was read last of the file stands there, and that itself: of two places that are read by turns.
    ahead: RefCell<[(u64, Bytes); 2]>,
}

impl Spool {
    pub(in crate::traffic) fn new(place: &Place) -> Self {
        Self { place: place.clone(), tail: Vec::new(), file: None, written: 0, ahead: RefCell::default() }
    }

    pub(in crate::traffic) fn place(&self) -> &Place {
        &self.place
    }

    /// Writes these bytes behind all others.
    pub(in crate::traffic) fn append(&mut self, bytes: &[u8]) -> Result<Span, TrafficError> {
        let span = Span { start: self.end(), length: bytes.len() as u64 };
        let most = if self.file.is_some() { MORE } else { IN_MEMORY };
        if self.tail.len() + bytes.len() > most {
            self.spill()?;
        }
        if bytes.len() > most {
            self.write(bytes)?;
        } else {
            self.tail.extend_from_slice(bytes);
        }
        Ok(span)
    }

    /// How much there is.
    pub(in crate::traffic) fn end(&self) -> u64 {
        self.written + self.tail.len() as u64
    }

    /// What stands there. A stretch lies either in the file or behind it, since it was written at once.
    pub(in crate::traffic) fn read(&self, span: Span) -> Result<Bytes, TrafficError> {
        let Span { start, length } = span;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let mut ahead = self.ahead.borrow_mut();
        let from = |(begin, _): &(u64, Bytes)| start.checked_sub(*begin).and_then(|from| usize::try_from(from).ok());
        let held = |place: &(u64, Bytes)| {
            let from = from(place)?;
            from.checked_add(length).filter(|end| *end <= place.1.len()).map(|end| place.1.slice(from..end))
        };
        if let Some(bytes) = ahead.iter().find_map(held) {
            return Ok(bytes);
        }
        let follows = ahead.iter().position(|place| from(place).is_some_and(|from| from <= place.1.len() + AHEAD));
        let in_file = usize::try_from(self.written.saturating_sub(start)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; if follows.is_some() { length.max(in_file.min(AHEAD)) } else { length }];
        self.read_into(start, &mut bytes)?;
        let bytes = Bytes::from(bytes);
        if length <= in_file {
            let place = follows.unwrap_or(ahead.len() - 1);
            ahead[place] = (start, bytes.clone());
            ahead[..=place].rotate_right(1);
        }
        Ok(bytes.slice(..length))
    }

    /// Fills `bytes` with what stands from there on.
    pub(in crate::traffic) fn read_into(&self, start: u64, bytes: &mut [u8]) -> Result<(), TrafficError> {
        let in_file = usize::try_from(self.written.saturating_sub(start)).unwrap_or(usize::MAX).min(bytes.len());
        let (first, second) = bytes.split_at_mut(in_file);
        if let Some(file) = self.file.as_ref().filter(|_| !first.is_empty()) {
            file.read_exact_at(first, start).map_err(|source| self.place.failed(source))?;
        }
        if !second.is_empty() {
            let from = usize::try_from((start + in_file as u64).saturating_sub(self.written)).unwrap_or(usize::MAX);
            let held = self.tail.get(from..from.saturating_add(second.len())).ok_or_else(|| {
                self.place.failed(std::io::Error::other("a temporary file is shorter than what was written to it"))
            })?;
            second.copy_from_slice(held);
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), TrafficError> {
        let tail = std::mem::take(&mut self.tail);
        self.write(&tail)?;
        self.tail = tail;
        self.tail.clear();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), TrafficError> {
        if self.file.is_none() {
            self.file = Some(self.place.file()?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(bytes).map_err(|source| self.place.failed(source))?;
        }
        self.written += bytes.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_anywhere_from_memory_and_from_disk() {
        let mut spool = Spool::new(&Place::of_the_system());
        let long = vec![7_u8; IN_MEMORY - 1];
        let longer = vec![9_u8; IN_MEMORY + 1];
        let all: Vec<&[u8]> = vec![b"first", &long, b"", &longer, b"last"];
        let spans: Vec<Span> = all.iter().map(|bytes| spool.append(bytes).unwrap()).collect();
        assert!(spool.file.is_some());
        for (bytes, span) in all.iter().zip(spans).rev() {
            assert!(spool.read(span).unwrap() == bytes, "{span:?}");
        }
    }

    #[test]
    fn stretches_that_follow_each_other_are_read_as_they_were_written() {
        let mut spool = Spool::new(&Place::of_the_system());
        let bytes = |n: u32| n.to_le_bytes().repeat(n as usize % 97);
        let spans: Vec<Span> = (0..40_000).map(|n| spool.append(&bytes(n)).unwrap()).collect();
        assert!(spool.written > 0 && !spool.tail.is_empty());
        // All of them, some of them, and two places by turns.
        let halves = (0..20_000).flat_map(|n| [n, n + 20_000]);
        for n in (0..40_000).chain((0..40_000).step_by(3)).chain(halves) {
            assert!(spool.read(spans[n as usize]).unwrap() == bytes(n), "{n}");
        }
    }

    #[test]
    fn what_was_never_written_is_an_error() {
        let spool = Spool::new(&Place::of_the_system());
        assert!(spool.read(Span { start: 3, length: 1 }).is_err());
    }

    #[test]
    fn temporary_files_lie_beside_what_is_read_where_that_can_be() {
        let folder = tempfile::tempdir().unwrap();
        for (path, expected) in [(folder.path(), folder.path()), (Path::new("/nowhere/at/all"), Path::new("/tmp"))] {
            assert_eq!(Place::near(&path.join("shop.har")).0, expected);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let mut spool = Spool::new(&Place::beside(Path::new("/nowhere/at/all.jsonl")));
        let error = spool.append(&vec![0; IN_MEMORY + 1]).unwrap_err().to_string();
        assert!(error.contains("/nowhere/at"), "{error}");
    }
}
