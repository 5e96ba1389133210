//! Recordings: our own format, HAR 1.2 and `GoReplay`'s, and the sessions and bindings that are found in them.
//!
//! Owns what stands on disk and how values flow from recorded replies into later calls. Refuses to know how a call is
//! sent and which of several candidates is taken at run time: that is `drive`'s. The main type is [`Recording`].
//!
//! **Invariant:** recordings are read and imported as streams; a binding never names a later exchange.

pub mod bindings;
mod error;
mod format;
mod gor;
mod har;
mod import;
mod input;
mod lines;
mod needs;
mod notes;
mod part;
mod reader;
pub mod redaction;
mod sessions;
mod spool;
mod writer;

use std::path::Path;

pub use error::TrafficError;
pub use format::{Written, schema};
pub use har::{Exported, export};
pub use import::{Imported, import, import_new, import_with};
pub use needs::given_by;
pub use part::Part;
pub use reader::{Exchanges, Recording};
pub use writer::Writer;

/// Opens a recording in any format that is read.
pub fn open(path: &Path) -> Result<Recording, TrafficError> {
    Recording::open(path)
}

/// A number that stands for a value: equal values have equal numbers, in this process.
fn hash(value: &(impl std::hash::Hash + ?Sized)) -> u64 {
    use std::hash::{DefaultHasher, Hasher as _};
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
