//! Texts that lengths, expressions and formats allow.
//!
//! Owns drawing from expressions, from formats (which validators don't judge, and readers do), and from nothing but a length.
//! Refuses to trust a draw: each text is held against every expression.

mod expression;
mod format;
mod letters;
mod piece;
mod texts;

pub(super) use expression::Expression;
pub(super) use format::Format;
pub(super) use texts::{Asked, Texts};
