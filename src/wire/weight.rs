//! What a document would take in memory, found without building it.

use std::mem::size_of;

use crate::model::Document;

/// How much a payload and the document that it becomes may take together, in bytes. There are up to five at once: of four
/// cells, and of the recording.
pub(super) const MAX_WEIGHT: u64 = 40 << 20;

/// The least that one piece of memory takes, in bytes, whatever was asked for.
const LEAST_PIECE: u64 = 32;

/// How many leaves a document has, and how many bytes it takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// As [`Document::leaves`] would count them.
    pub leaves: u64,
    /// A little more than it would take.
    pub bytes: u64,
}

impl Weight {
    /// One leaf alone, whose text has that length.
    pub fn leaf(length: usize) -> Self {
        let mut weight = Self::default();
        weight.add_leaf(length);
        weight
    }

    /// Adds a leaf whose text has that length.
    #[inline]
    pub fn add_leaf(&mut self, length: usize) {
        self.leaves += 1;
        self.bytes += size_of::<Document>() as u64 + piece(length);
    }

    /// Adds a list or an object; what is in it is added by itself.
    #[inline]
    pub fn add_container(&mut self) {
        self.bytes += size_of::<Document>() as u64 + LEAST_PIECE;
    }

    /// Adds a field's name of that length; its value is added by itself.
    #[inline]
    pub fn add_name(&mut self, length: usize) {
        self.bytes += size_of::<Box<str>>() as u64 + piece(length);
    }

    /// The same, where nothing at all is one leaf: an empty list.
    pub fn or_empty(self) -> Self {
        Self { leaves: self.leaves.max(1), ..self }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self { leaves: self.leaves + other.leaves, bytes: self.bytes + other.bytes }
    }
}

/// What a text of that length takes beside its owner; texts of no length and those that stand in place take nothing.
#[inline]
fn piece(length: usize) -> u64 {
    if length == 0 { 0 } else { LEAST_PIECE.max(length as u64 + 16) }
}

impl Weight {
    /// Why a payload of `length` bytes is not looked into, where it would take too much.
    pub fn too_much(self, length: usize) -> Option<String> {
        (self.bytes + length as u64 > MAX_WEIGHT)
            .then(|| format!("{} values in {length} bytes, more than are looked into", self.leaves))
    }
}
