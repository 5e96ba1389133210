//! The sections of a manifest, each with its form and what its values mean to each other.
//!
//! Every file here holds a `static` [`Section`](super::shape::Section), which parser and schema share, and a function that
//! turns a table of that form into a type of [`types`](super::types). To add a key: a line in the section, a line in the function.

mod accept;
mod assets;
mod build;
mod canary;
mod compare;
mod contract;
mod gate;
mod generated;
mod messages;
mod recording;
mod replay;
mod root;
mod service;
mod state;

pub(super) use root::{ROOT, manifest};
