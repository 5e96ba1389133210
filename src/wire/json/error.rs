//! Why bytes are not JSON, and where.

use thiserror::Error;

/// Why bytes are not JSON, and where the trouble begins.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} at line {line}, column {column} (byte {offset})")]
pub struct JsonError {
    /// What is wrong there.
    pub what: &'static str,
    /// The byte at which it is, from 0.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
}

impl JsonError {
    /// The trouble `what` at byte `offset` of `bytes`.
    pub(super) fn at(what: &'static str, bytes: &[u8], offset: usize) -> Self {
        let before = &bytes[..offset.min(bytes.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = offset - memchr::memrchr(b'\n', before).map_or(0, |at| at + 1) + 1;
        Self { what, offset, line, column }
    }
}
