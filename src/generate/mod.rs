//! Messages and calls that contracts allow, made up.
//!
//! Owns making them, always valid by the contract's own validator; which of them are telling (what only one side's contract allows,
//! what lies at the edges); and what a simpler one is. Refuses to send anything, and any randomness but what it is given. Main
//! types: [`json_schema::Messages`], [`calls::Calls`].

pub mod calls;
pub mod json_schema;
pub mod protobuf;
