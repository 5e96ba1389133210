//! Contracts: what may be sent, and whether all that one side may write is what the other reads.
//!
//! Owns loading contracts of three kinds, each in a folder of its own, with the place of everything in its text; comparing two of a
//! kind in both directions; and the counterexamples that show a break. Refuses to fetch anything: texts come as a [`Tree`], and
//! what lies outside it is said to. Main types: [`Tree`], [`Comparison`].
//!
//! **Invariant:** a break in what may be written is only told with something that the writer may write and the reader does not read
//! as it is meant. What can be neither shown nor excluded is [`Unknown`].

mod comparison;
mod error;
pub mod json_schema;
mod kind;
pub mod openapi;
mod position;
pub mod protobuf;
mod source;
mod terms;
pub mod text;
mod tree;

pub use comparison::{Comparison, Counterexample, Difference, Place, Surface, Unknown};
pub use error::ContractError;
pub use kind::{compare, kind, rules};
pub use position::Position;
pub use source::Source;
pub use terms::{Encoding, Sender, Terms, UnknownFields};
pub use tree::Tree;
