//! Records that are read in the order in which they were written.

use super::room::{Place, Spool};
use crate::traffic::TrafficError;

/// As much is read at once.
const BLOCK: usize = 32 << 10;

/// Records, each behind the one before.
pub(in crate::traffic) struct Journal(Spool);

impl Journal {
    pub(in crate::traffic) fn new(place: &Place) -> Self {
        Self(Spool::new(place))
    }

    /// Writes a record behind all others.
    pub(in crate::traffic) fn push(&mut self, record: &[u8]) -> Result<(), TrafficError> {
        write(&mut self.0, record)
    }

    /// All records from the first on.
    pub(in crate::traffic) fn read(&self) -> Reading<'_> {
        Reading { spool: &self.0, stretch: Stretch::of(0, self.0.end()) }
    }
}

/// Records on their way out.
pub(in crate::traffic) struct Reading<'j> {
    spool: &'j Spool,
    stretch: Stretch,
}

impl Reading<'_> {
    /// The next record.
    pub(in crate::traffic) fn next(&mut self) -> Result<Option<&[u8]>, TrafficError> {
        Ok(if self.stretch.advance(self.spool)? { Some(self.stretch.record()) } else { None })
    }
}

/// Writes a record with its length before it.
pub(super) fn write(spool: &mut Spool, record: &[u8]) -> Result<(), TrafficError> {
    spool.append(&u32::try_from(record.len()).unwrap_or(u32::MAX).to_le_bytes())?;
    spool.append(record).map(|_| ())
}

/// A stretch of records, read block by block.
pub(super) struct Stretch {
    at: u64,
    end: u64,
    block: Vec<u8>,
    read: usize,
    /// The record that was read last.
    record: Vec<u8>,
}

impl Stretch {
    pub(super) fn of(start: u64, end: u64) -> Self {
        Self { at: start, end, block: Vec::new(), read: 0, record: Vec::new() }
    }

    /// Reads the next record; false at the end.
    pub(super) fn advance(&mut self, spool: &Spool) -> Result<bool, TrafficError> {
        if self.at >= self.end && self.read >= self.block.len() {
            return Ok(false);
        }
        let mut length = [0; 4];
        self.fill(spool, &mut length)?;
        let mut record = std::mem::take(&mut self.record);
        record.resize(u32::from_le_bytes(length) as usize, 0);
        let filled = self.fill(spool, &mut record);
        self.record = record;
        filled.map(|()| true)
    }

    /// The record that was read last.
    pub(super) fn record(&self) -> &[u8] {
        &self.record
    }

    fn fill(&mut self, spool: &Spool, out: &mut [u8]) -> Result<(), TrafficError> {
        let mut done = 0;
        while done < out.len() {
            if self.read == self.block.len() {
                let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
                self.block.resize(left.min(BLOCK), 0);
                spool.read_into(self.at, &mut self.block)?;
                self.at += self.block.len() as u64;
                self.read = 0;
                if self.block.is_empty() {
                    let torn = std::io::Error::other("a temporary file ends within a record");
                    return Err(spool.place().failed(torn));
                }
            }
            let some = (out.len() - done).min(self.block.len() - self.read);
            out[done..done + some].copy_from_slice(&self.block[self.read..self.read + some]);
            self.read += some;
            done += some;
        }
        Ok(())
    }
}
