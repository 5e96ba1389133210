//! A [`Run`](crate::model::Run) to bytes, one file a format; and bytes back to a `Run`.
//!
//! Owns what a report looks like. Refuses to know what a run did beyond what stands in it: what two formats need belongs
//! in the `Run`. The seam is [`Renderer`].
//!
//! **Invariant:** pure. Nothing here opens a file, asks a terminal or reads a clock; a renderer can't fail. What a build
//! answered is hostile until [`visible`] has made it harmless.

mod harmless;
mod json;
mod junit;
mod layout;
mod order;
mod read;
mod renderer;
mod schema;
mod terminal;

pub use harmless::visible;
pub use layout::wrap;
pub use read::{ReadError, read};
pub use renderer::{FormatError, Renderer, Style, renderer};
pub use schema::schema;

#[cfg(test)]
mod tests;
