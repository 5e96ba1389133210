//! Protobuf messages: made from a descriptor, and sent through another one and back.
//!
//! Owns the smallest message, the edges of every field, messages at random, what only one of two descriptors can tell, and steps to
//! something simpler. Whatever is made can be written, is read again as the same, and keeps to what the documentation of protobuf's
//! own messages promises (a Timestamp's range, a Value that is something). Main types: [`Messages`], [`Shown`]; main function:
//! [`round_trip`].

mod beyond;
mod chance;
mod differences;
mod draw;
mod edges;
mod messages;
mod plan;
mod round_trip;
mod scalar;
mod simpler;
mod strategy;
mod text;
mod weight;
mod well_known;
mod written;

pub use differences::{Lost, differences};
pub use messages::{Messages, Unmade};
pub use round_trip::{Refused, round_trip};
pub use text::{Shown, text};
pub use written::written;

#[cfg(test)]
mod tests;
