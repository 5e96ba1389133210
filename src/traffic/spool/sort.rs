//! Sorts any number of records by their bytes, in little memory.
//!
//! What is sorted by stands at a record's beginning, numbers with their greatest byte first. Equal records keep no
//! order; a record that has to, ends its key with a number of its own.

use super::journal::{Stretch, write};
use super::room::{Place, Spool};
use crate::traffic::TrafficError;

/// As many bytes of records are sorted at once.
const AT_ONCE: usize = 8 << 20;
/// As many runs are merged at once: above that, some of them are merged first.
const FAN: usize = 64;

/// A held record: its first bytes as a number, which tell most from each other, where it begins, and where it ends.
type Held = (u64, u32, u32);

/// Takes records in any order.
pub(in crate::traffic) struct Sorter {
    held: Vec<u8>,
    ranges: Vec<Held>,
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
        self.ranges.push((first(record), narrow(start), narrow(self.held.len())));
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
                write(&mut self.spool, record)?;
            }
            self.runs.push((start, self.spool.end()));
        }
        Ok(Runs { held: self.held, ranges: self.ranges, spool: self.spool, on_disk: self.runs })
    }

    fn sort(&mut self) {
        let held = &self.held;
        let record = |(_, start, end): &Held| &held[*start as usize..*end as usize];
        self.ranges.sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| record(one).cmp(record(other))));
    }

    fn spill(&mut self) -> Result<(), TrafficError> {
        if self.ranges.is_empty() {
            return Ok(());
        }
        self.sort();
        let start = self.spool.end();
        for (_, start, end) in &self.ranges {
            write(&mut self.spool, &self.held[*start as usize..*end as usize])?;
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
    ranges: Vec<Held>,
    spool: Spool,
    on_disk: Vec<(u64, u64)>,
}

impl Runs {
    /// All records in order.
    pub(in crate::traffic) fn read(&self) -> Result<Sorted<'_>, TrafficError> {
        Ok(Sorted { runs: self, next: 0, merge: Merge::of(&self.spool, &self.on_disk)? })
    }
}

/// Records on their way out.
pub(in crate::traffic) struct Sorted<'r> {
    runs: &'r Runs,
    next: usize,
    merge: Merge,
}

impl Sorted<'_> {
    /// The next record.
    pub(in crate::traffic) fn next(&mut self) -> Result<Option<&[u8]>, TrafficError> {
        if let Some((_, start, end)) = self.runs.ranges.get(self.next) {
            self.next += 1;
            return Ok(Some(&self.runs.held[*start as usize..*end as usize]));
        }
        self.merge.next(&self.runs.spool)
    }
}

/// Several runs as one.
struct Merge {
    runs: Vec<Stretch>,
    /// The runs that are not at their end, as a heap: the one with the least record comes first.
    heads: Vec<usize>,
    /// Whether the first of them has been handed out.
    read: bool,
}

impl Merge {
    fn of(spool: &Spool, runs: &[(u64, u64)]) -> Result<Self, TrafficError> {
        let mut runs: Vec<Stretch> = runs.iter().map(|(start, end)| Stretch::of(*start, *end)).collect();
        let mut heads = Vec::new();
        for (number, run) in runs.iter_mut().enumerate() {
            if run.advance(spool)? {
                heads.push(number);
            }
        }
        // What is sorted is a heap.
        heads.sort_by(|one, other| runs[*one].record().cmp(runs[*other].record()));
        Ok(Self { runs, heads, read: false })
    }

    fn next(&mut self, spool: &Spool) -> Result<Option<&[u8]>, TrafficError> {
        if std::mem::replace(&mut self.read, true)
            && let Some(head) = self.heads.first()
        {
            if !self.runs[*head].advance(spool)? {
                self.heads.swap_remove(0);
            }
            self.sink();
        }
        Ok(self.heads.first().map(|head| self.runs[*head].record()))
    }

    /// Puts the first head where it belongs.
    fn sink(&mut self) {
        let Self { runs, heads, .. } = self;
        let mut at = 0;
        loop {
            let below = (2 * at + 1..heads.len().min(2 * at + 3)).min_by_key(|child| runs[heads[*child]].record());
            let Some(child) = below.filter(|child| runs[heads[*child]].record() < runs[heads[at]].record()) else {
                return;
            };
            heads.swap(at, child);
            at = child;
        }
    }
}

/// The first bytes of a record as a number that sorts as they do.
fn first(record: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = record.len().min(8);
    bytes[..length].copy_from_slice(&record[..length]);
    u64::from_be_bytes(bytes)
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
