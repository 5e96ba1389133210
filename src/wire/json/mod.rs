//! JSON to [`Document`](crate::model::Document) and back: exact numbers, order and repeated names kept.
//!
//! RFC 8259 to the letter, with two decisions of ours: a surrogate escape without its other half becomes U+FFFD, since no
//! text can hold it; and a document deeper than [`MAX_DEPTH`] is refused, so that neither reading nor dropping one can
//! exhaust a stack. Owns the syntax; knows nothing of media types or charsets.

mod error;
mod leaves;
mod parse;
mod scan;
mod write;

pub use error::JsonError;
pub use leaves::leaves;
pub(super) use leaves::weigh;
pub use parse::parse;
pub use scan::MAX_DEPTH;
pub use write::{to_string, to_value};

#[cfg(test)]
mod tests;
