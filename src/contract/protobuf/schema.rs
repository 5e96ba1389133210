//! A protobuf contract that was read: its descriptors, and where they stand.
//!
//! Main type: [`Schema`].

use std::collections::{BTreeMap, HashMap};

use prost_reflect::{DescriptorPool, FileDescriptor};

use super::load::Lines;
use crate::contract::Position;

/// One side's messages, enums and services.
#[derive(Debug)]
pub struct Schema {
    /// All descriptors, with those of imports and of protobuf itself.
    pub pool: DescriptorPool,
    /// The files that are the contract's own: by name, with their paths in the tree.
    own: BTreeMap<String, String>,
    /// Where everything stands in them.
    lines: HashMap<String, Lines>,
}

impl Schema {
    /// Puts together what was read.
    pub fn new(pool: DescriptorPool, own: BTreeMap<String, String>, lines: HashMap<String, Lines>) -> Self {
        Self { pool, own, lines }
    }

    /// The contract's own files: not those that come with protobuf.
    pub fn files(&self) -> impl Iterator<Item = FileDescriptor> + '_ {
        self.own.keys().filter_map(|name| self.pool.get_file_by_name(name))
    }

    /// Where something stands: `path` is its path in the file's descriptor.
    pub fn position(&self, file: &FileDescriptor, path: &[i32]) -> Option<Position> {
        let name = self.own.get(file.name())?;
        let (line, column) = self.lines.get(file.name()).and_then(|lines| lines.find(path)).unwrap_or_default();
        Some(Position { file: name.clone(), line, column })
    }
}
