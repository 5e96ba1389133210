//! Sorts any number of records by their bytes, in little memory.
//!
//! What is sorted by stands at a record's beginning, numbers with their greatest byte first. Equal records keep no
//! order; a record that has to, ends its key with a number of its own.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::journal::{Stretch, write};
use super::room::{Place, Spool};
use crate::traffic::TrafficError;

/// As many bytes of records are sorted at once.
const AT_ONCE: usize = 8 << 20;
/// As many runs are merged at once: above that, some of them are merged first.
const FAN: usize = 64;

/// Takes records in any order.
pub(in crate::traffic) struct Sorter {
    held: Vec<u8>,
    /// Where each held record begins and ends.
    ranges: Vec<(u32, u32)>,
    spool: Spool,
    runs: Vec<(u64, u64)>,
    at_once: usize,
}

impl Sorter {
    pub(in crate::traffic) fn new(place: &Place) -> Self {
        Self { held: Vec::new(), ranges: Vec::new(), spool: Spool::new(place), runs: Vec::new(), at_once: AT_ONCE }
    }

    /// Takes one record, of less than 8 MiB.
    pub(in crate::traffic) fn push(&mut self, record: &[u8]) -> Result<(), TrafficError> {
        if self.held.len() + record.len() > self.at_once {
            self.spill()?;
        }
        let start = self.held.len();
        self.held.extend_from_slice(record);
        // Both are below `AT_ONCE`, but for a record that is longer by itself.
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.ranges.push((narrow(start), narrow(self.held.len())));
        Ok(())
    }

    /// All of them, ready to be read in order.
    pub(in crate::traffic) fn finish(mut self) -> Result<Runs, TrafficError> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Runs { held: self.held, ranges: self.ranges, spool: self.spool, on_disk: self.runs });
        }
        self.spill()?;
        self.held = Vec::new();
        self.ranges = Vec::new();
        while self.runs.len() > FAN {
            let some: Vec<(u64, u64)> = self.runs.drain(..FAN).collect();
            // Reading and writing take turns in one file: what was written stays where it is.
            let mut merge = Merge::of(&self.spool, &some)?;
            let start = self.spool.end();
            while let Some(record) = merge.next(&self.spool)? {
                write(&mut self.spool, &record)?;
            }
            self.runs.push((start, self.spool.end()));
        }
        Ok(Runs { held: self.held, ranges: self.ranges, spool: self.spool, on_disk: self.runs })
    }

    fn sort(&mut self) {
        let held = &self.held;
        let record = |range: &(u32, u32)| &held[range.0 as usize..range.1 as usize];
        self.ranges.sort_unstable_by(|one, other| record(one).cmp(record(other)));
    }

    fn spill(&mut self) -> Result<(), TrafficError> {
        if self.ranges.is_empty() {
            return Ok(());
        }
        self.sort();
        let start = self.spool.end();
        for range in &self.ranges {
            write(&mut self.spool, &self.held[range.0 as usize..range.1 as usize])?;
        }
        self.runs.push((start, self.spool.end()));
        self.held.clear();
        self.ranges.clear();
        Ok(())
    }
}

/// Sorted records, to be read as often as needed.
pub(in crate::traffic) struct Runs {
    held: Vec<u8>,
    ranges: Vec<(u32, u32)>,
    spool: Spool,
    on_disk: Vec<(u64, u64)>,
}

impl Runs {
    /// All records in order.
    pub(in crate::traffic) fn read(&self) -> Result<Sorted<'_>, TrafficError> {
        Ok(Sorted { runs: self, next: 0, merge: Merge::of(&self.spool, &self.on_disk)?, record: Vec::new() })
    }
}

/// Records on their way out.
pub(in crate::traffic) struct Sorted<'r> {
    runs: &'r Runs,
    next: usize,
    merge: Merge,
    record: Vec<u8>,
}

impl Sorted<'_> {
    /// The next record.
    pub(in crate::traffic) fn next(&mut self) -> Result<Option<&[u8]>, TrafficError> {
        if let Some((start, end)) = self.runs.ranges.get(self.next) {
            self.next += 1;
            return Ok(Some(&self.runs.held[*start as usize..*end as usize]));
        }
        match self.merge.next(&self.runs.spool)? {
            Some(record) => {
                self.record = record;
                Ok(Some(&self.record))
            }
            None => Ok(None),
        }
    }
}

/// Several runs as one.
struct Merge {
    runs: Vec<Stretch>,
    heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
}

impl Merge {
    fn of(spool: &Spool, runs: &[(u64, u64)]) -> Result<Self, TrafficError> {
        let run = |(start, end): &(u64, u64)| Stretch::of(*start, *end);
        let mut merge = Self { runs: runs.iter().map(run).collect(), heads: BinaryHeap::new() };
        for number in 0..merge.runs.len() {
            merge.advance(spool, number)?;
        }
        Ok(merge)
    }

    fn next(&mut self, spool: &Spool) -> Result<Option<Vec<u8>>, TrafficError> {
        let Some(Reverse((record, number))) = self.heads.pop() else { return Ok(None) };
        self.advance(spool, number)?;
        Ok(Some(record))
    }

    fn advance(&mut self, spool: &Spool, number: usize) -> Result<(), TrafficError> {
        if let Some(record) = self.runs[number].next(spool)? {
            self.heads.push(Reverse((record, number)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: u64, pad: usize, at_once: usize) {
        let mut sorter = Sorter { at_once, ..Sorter::new(&Place::of_the_system()) };
        for n in 0..count {
            // Some order that is none.
            let mut record = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes().to_vec();
            record.resize(8 + pad, 0);
            sorter.push(&record).unwrap();
        }
        let runs = sorter.finish().unwrap();
        for _ in 0..2 {
            let mut reading = runs.read().unwrap();
            let (mut seen, mut last) = (0, Vec::new());
            while let Some(record) = reading.next().unwrap() {
                assert!(*record > *last, "record {seen}");
                last = record.to_vec();
                seen += 1;
            }
            assert_eq!(seen, count);
        }
    }

    #[test]
    fn few_records_are_sorted_in_memory_and_many_on_disk() {
        check(0, 0, AT_ONCE);
        check(1_000, 8, AT_ONCE);
        check(200_000, 100, AT_ONCE);
    }

    #[test]
    fn more_runs_than_are_merged_at_once_are_merged_in_several_rounds() {
        check(20_000, 8, 1_600);
    }
}
