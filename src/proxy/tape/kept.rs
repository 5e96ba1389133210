//! A body as it is held until it is recorded: in memory while that is short of bodies, else in a file without a name.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::model::Body;
use crate::proxy::Limits;

/// How much all bodies may take, and where they go beyond it.
#[derive(Debug)]
pub(in crate::proxy) struct Budget {
    used: AtomicUsize,
    /// Of all bodies in memory together.
    all: usize,
    /// Of one in memory.
    one: usize,
    /// Of one at all.
    longest: u64,
    /// Where the files lie.
    folder: PathBuf,
}

/// A body, as far as it has come.
#[derive(Debug)]
pub(in crate::proxy) struct Kept {
    budget: Arc<Budget>,
    /// How long its head says that it is, where it does: room is made for that once.
    expected: usize,
    at: At,
}

#[derive(Debug)]
enum At {
    Memory(Vec<u8>),
    File {
        file: File,
        length: u64,
    },
    /// It is too long to be recorded.
    Nowhere,
}

impl Budget {
    pub fn new(limits: &Limits, folder: PathBuf) -> Self {
        let (all, one, longest) = (limits.all_in_memory, limits.in_memory, limits.kept);
        Self { used: AtomicUsize::new(0), all, one, longest, folder }
    }

    /// Whether more than half of it is taken.
    pub fn is_short(&self) -> bool {
        self.used.load(Ordering::Relaxed) > self.all / 2
    }

    /// Whether so many bytes more fit into memory; if so they are counted.
    fn takes(&self, bytes: usize) -> bool {
        let fits = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.all);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }
}

impl Kept {
    /// An empty one.
    pub fn new(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), expected: 0, at: At::Memory(Vec::new()) }
    }

    /// An empty one that will be so long, if its sender keeps its word.
    pub fn expecting(budget: &Arc<Budget>, length: u64) -> Self {
        // What is longer goes to a file, and makes no room before.
        let expected = usize::try_from(length).ok().filter(|length| *length <= budget.one);
        let mut kept = Self::new(budget);
        kept.expected = expected.unwrap_or_default();
        kept
    }

    /// Adds what came.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.at {
            At::Memory(held) => {
                let fits = held.len() + bytes.len() <= self.budget.one;
                if fits && grow(held, bytes.len(), self.expected, &self.budget) {
                    held.extend_from_slice(bytes);
                    return Ok(());
                }
                self.spill()?;
                self.push(bytes)
            }
            At::File { file, length } => {
                if *length + bytes.len() as u64 > self.budget.longest {
                    self.at = At::Nowhere;
                    return Ok(());
                }
                *length += bytes.len() as u64;
                file.write_all(bytes)
            }
            At::Nowhere => Ok(()),
        }
    }

    /// Whether it is too long to be recorded.
    pub fn is_too_long(&self) -> bool {
        matches!(self.at, At::Nowhere)
    }

    /// How many bytes have come; none of one that is too long.
    pub fn len(&self) -> u64 {
        match &self.at {
            At::Memory(held) => held.len() as u64,
            At::File { length, .. } => *length,
            At::Nowhere => 0,
        }
    }

    /// The body, brought back to memory.
    pub fn into_body(mut self) -> io::Result<Body> {
        match &mut self.at {
            At::Memory(held) => {
                self.budget.used.fetch_sub(held.capacity(), Ordering::Relaxed);
                Ok(Body::of(std::mem::take(held)))
            }
            At::File { file, length } => {
                let mut bytes = Vec::with_capacity(usize::try_from(*length).unwrap_or_default());
                file.rewind()?;
                file.read_to_end(&mut bytes)?;
                Ok(Body::of(bytes))
            }
            At::Nowhere => Ok(Body::Unknown),
        }
    }

    fn spill(&mut self) -> io::Result<()> {
        let At::Memory(held) = &mut self.at else { return Ok(()) };
        let held = std::mem::take(held);
        self.budget.used.fetch_sub(held.capacity(), Ordering::Relaxed);
        let mut file = tempfile::tempfile_in(&self.budget.folder)?;
        file.write_all(&held)?;
        self.at = At::File { file, length: held.len() as u64 };
        Ok(())
    }
}

/// Makes room for so many bytes more, where the budget has it.
fn grow(held: &mut Vec<u8>, more: usize, expected: usize, budget: &Budget) -> bool {
    let (has, needs) = (held.capacity(), held.len() + more);
    if needs <= has {
        return true;
    }
    let wants = if has == 0 { needs.max(expected) } else { needs.max(has * 2).min(budget.one) };
    if !budget.takes(wants - has) {
        return false;
    }
    held.reserve_exact(wants - held.len());
    // What the allocator gave beyond it is counted too, since the whole capacity is given back.
    budget.used.fetch_add(held.capacity().saturating_sub(wants), Ordering::Relaxed);
    true
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let At::Memory(held) = &self.at {
            self.budget.used.fetch_sub(held.capacity(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(all: usize, one: usize, longest: u64) -> Arc<Budget> {
        let limits = Limits { all_in_memory: all, in_memory: one, kept: longest, ..Limits::default() };
        Arc::new(Budget::new(&limits, std::env::temp_dir()))
    }

    /// Pushes so many bytes in pieces; whether they went to a file, and whether they come back.
    #[track_caller]
    fn check(budget: &Arc<Budget>, bytes: usize, spills: bool, known: bool) {
        let all: Vec<u8> = (0..bytes).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut kept = Kept::new(budget);
        for piece in all.chunks(7) {
            kept.push(piece).unwrap();
        }
        assert_eq!(!matches!(kept.at, At::Memory(_)), spills);
        assert_eq!(kept.into_body().unwrap(), if known { Body::of(all) } else { Body::Unknown });
        assert_eq!(budget.used.load(Ordering::Relaxed), 0, "all of it is given back");
    }

    #[test]
    fn a_short_body_stays_in_memory_and_a_long_one_comes_back_from_disk() {
        let budget = budget(1000, 100, 500);
        check(&budget, 0, false, true);
        check(&budget, 100, false, true);
        check(&budget, 101, true, true);
        check(&budget, 500, true, true);
        check(&budget, 501, true, false);
    }

    #[test]
    fn a_body_whose_length_is_known_takes_that_much_room_at_once_and_no_more() {
        for (expected, room, is_short) in [(90, 90, true), (30, 60, false), (0, 40, false), (101, 40, false)] {
            let budget = budget(150, 100, 500);
            let mut kept = Kept::expecting(&budget, expected);
            assert_eq!(budget.used.load(Ordering::Relaxed), 0, "what was only said takes no room");
            kept.push(&[1; 20]).unwrap();
            kept.push(&[1; 20]).unwrap();
            assert_eq!((budget.used.load(Ordering::Relaxed), budget.is_short()), (room, is_short), "{expected}");
        }
    }

    #[test]
    fn where_memory_is_taken_short_bodies_go_to_disk_too() {
        let budget = budget(100, 100, 500);
        let mut first = Kept::new(&budget);
        first.push(&[1; 90]).unwrap();
        let mut second = Kept::new(&budget);
        second.push(&[2; 20]).unwrap();
        assert!(matches!((&first.at, &second.at), (At::Memory(_), At::File { .. })));
        drop(first);
        drop(second);
        check(&budget, 90, false, true);
    }
}
