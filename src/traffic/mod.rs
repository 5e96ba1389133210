//! Recordings: our own format, HAR 1.2, and the sessions and bindings that are found in them.
//!
//! Owns what stands on disk and how values flow from recorded replies into later calls. Refuses to know how a call is
//! sent and which of several candidates is taken at run time: that is `drive`'s. The main type is [`Recording`].
//!
//! **Invariant:** a recording in our own format is read as a stream; a binding never names a later exchange.

pub mod bindings;
mod error;
mod format;
mod har;
mod import;
mod needs;
mod part;
mod reader;
pub mod redaction;
mod sessions;
mod writer;

use std::path::Path;

pub use error::TrafficError;
pub use format::schema;
pub use import::{Imported, import, import_with};
pub use needs::given_by;
pub use part::Part;
pub use reader::{Exchanges, Recording};
pub use writer::Writer;

/// Opens a recording in any format that is read.
pub fn open(path: &Path) -> Result<Recording, TrafficError> {
    Recording::open(path)
}

#[cfg(test)]
mod tests;
