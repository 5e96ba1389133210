//! Bindings: which values of a call came from earlier replies, and how they are taken out of live replies and put into
//! live calls.
//!
//! Owns the places: what stands at a [`Place`](crate::model::Place) of an answer ([`extract()`]), whether an answer
//! says a value anywhere ([`holds`]), and what a call is with another value there ([`inject()`]). Refuses to decide
//! which producer is asked, and whether the recorded value will do: that is decided at run time, by `drive`.

mod body;
mod distinctive;
mod extract;
mod find;
mod flows;
mod given;
mod inject;
mod json_edit;
mod made;
mod names;
mod resource;
mod taken;
mod url;
mod within;

pub use extract::{extract, holds, is_positional};
pub use inject::inject;

pub(super) use distinctive::is_distinctive;
pub(super) use find::find;
pub(super) use given::set_cookie;

#[cfg(test)]
mod tests;
