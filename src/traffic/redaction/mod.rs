//! Redaction: credentials leave recordings, and come back when these are replayed.
//!
//! Owns what a credential is, by the name of its place (`spots`) and by its look (`shapes`), where else the same
//! value stands (`known`), and how a placeholder is filled in the writing of its place ([`fill()`]). Refuses to know where
//! the values come from: that is the manifest's. The main type is [`Redactor`].
//!
//! A credential is written as `{secret:NAME#n}`, `NAME` being the field, cookie or header that it was first seen in, and
//! `n` telling apart the values of one name; the same value is the same placeholder all over a file, in calls and replies,
//! as it is, percent-encoded, escaped for JSON or HTML, and within base64. So a value that a reply gave out and a later
//! call carries is still equal in both, and is bound as before.
//!
//! **Invariant:** no value is kept: only hashes of it are. Redacting twice is redacting once, and what holds no
//! credential stays as it was, byte for byte.

mod base64;
mod body;
mod fill;
mod filter;
mod form;
mod header;
mod json;
mod known;
mod markup;
mod redactor;
mod replace;
mod shapes;
mod spots;
mod target;

pub use fill::{fill, missing};
pub use redactor::{Redaction, Redactor, Shown};

#[cfg(test)]
mod tests;
