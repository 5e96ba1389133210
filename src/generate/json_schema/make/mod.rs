//! Values put together by a plan: by chance, and at the edges.
//!
//! Owns how much is put into a document. Refuses to decide what is valid: a plan says so, and the validator at last. Main type:
//! [`Making`].

mod draw;
mod edges;
mod fields;
mod items;

pub(super) use draw::Making;
