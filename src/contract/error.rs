//! Why a contract can't be loaded.

use std::io;

use super::Position;

/// What is wrong with a contract, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// A file is asked for that lies outside of what was given.
    #[error("`{path}` lies outside of the contract: give the folder that holds both")]
    Outside {
        /// As it was asked for.
        path: String,
    },
    /// A file is not there, or can't be read.
    #[error("`{path}` can't be read: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        error: io::Error,
    },
    /// A file is larger than any contract.
    #[error("`{path}` has {length} bytes, and a file of a contract may have {limit}: is it the right one?")]
    TooLarge {
        /// The file.
        path: String,
        /// In bytes.
        length: u64,
        /// In bytes.
        limit: u64,
    },
    /// A file's text is wrong.
    #[error("{at}: {what}")]
    Wrong {
        /// Where.
        at: Position,
        /// What is wrong, and what to do about it.
        what: String,
    },
    /// Nothing in it says what kind of contract it is, or that it is one.
    #[error("{what}")]
    NoContract {
        /// What was looked at, and what to give instead.
        what: String,
    },
}
