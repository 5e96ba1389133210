//! Texts of contracts, JSON or YAML, as values that know where everything in them stands.
//!
//! Owns reading a text into a [`serde_json::Value`] with the place of every node, and saying what is wrong with it, where, and what to
//! do. Refuses what has no single meaning: a key that is there twice, two documents in one file, a tag of somebody's own, a number
//! that JSON doesn't have; and what is made to hurt: nesting without end, aliases that unfold to more than anybody wrote. Knows
//! nothing of what a text is about. Main type: [`Document`].

mod builder;
mod document;
mod json;
mod places;
mod scalar;
#[cfg(test)]
mod tests;
mod yaml;

pub use document::Document;
