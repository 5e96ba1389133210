//! Messages to documents, by descriptors.
//!
//! What is read is what a program of the reader's version sees: the last of several values, messages merged, packed lists or not.
//! A field that can't be absent stands at its default, unless the writer's own descriptors say that it never had the field; one
//! that the reader doesn't know stands under its number, `#7`. A value of another wire type than the reader's stands as it
//! came. 64-bit integers are exact. The types that protobuf gives a JSON form of their own have it here.
//!
//! Bounded: in depth, and in what the document takes.

mod details;
mod fields;
pub(super) mod raw;
mod scalar;
mod well_known;

use prost_reflect::MessageDescriptor;

use crate::model::Document;
use crate::wire::weight::{MAX_WEIGHT, Weight};

pub(super) use details::details;

/// Messages that lie deeper within each other are refused, as protobuf's own libraries do.
const DEEPEST: usize = 100;

/// A message as its reader sees it; `writer` is what its writer calls the same. The error says what can't be read.
pub(super) fn message(
    reader: &MessageDescriptor,
    writer: Option<&MessageDescriptor>,
    bytes: &[u8],
    weight: &mut Weight,
) -> Result<Document, String> {
    fields::message(reader, writer, &[bytes], &mut Room { weight, depth: 0 })
}

/// What is left of what may be taken.
struct Room<'w> {
    weight: &'w mut Weight,
    depth: usize,
}

impl Room<'_> {
    /// Notes a leaf whose text has that length.
    fn leaf(&mut self, length: usize) -> Result<(), String> {
        self.weight.add_leaf(length);
        self.check()
    }

    /// Notes a field's name.
    fn name(&mut self, length: usize) -> Result<(), String> {
        self.weight.add_name(length);
        self.check()
    }

    /// Goes one level down.
    fn enter(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("messages within each other, more than {DEEPEST} deep"));
        }
        self.weight.add_container();
        self.check()
    }

    /// Comes back from there.
    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn check(&self) -> Result<(), String> {
        if self.weight.bytes > MAX_WEIGHT { Err("more values than are looked into".to_owned()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
