//! Looking for a document that the writer may write and the reader refuses, guided by both schemas.
//!
//! Owns the candidates: at each place the values that some keyword of either schema could decide on, put together into whole
//! documents. Judges nothing: whoever asks gives each to the validators.

mod chance;
mod numbers;
mod place;
mod structures;
mod texts;

pub(super) use chance::Chance;
pub(super) use place::{Look, Place, Schema};
