//! Protocols: the only place that knows how bytes become documents, and with `proxy` the only one that opens sockets to a
//! system under test.
//!
//! [`Protocol`] is the seam; [`http::Http`] the first that fits it. [`content`] decodes any payload, live or recorded.
//!
//! **Invariant:** what is sent is what the call says, once: nothing is normalised, nothing resent. What is received is
//! held within limits, and no bytes that a build may send can panic, overflow a stack or wait for ever.

mod alike;
mod content;
pub mod encode;
pub mod encoding;
mod events;
pub mod form;
pub mod grpc;
pub mod html;
pub mod http;
pub mod json;
pub mod lines;
mod magic;
mod media;
mod protocol;
pub mod table;
mod text;
mod weight;
mod xml;

pub use alike::Alike;
pub use content::{answer, carried, content, open_answer};
pub use protocol::{Asked, Endpoint, Limits, Line, Protocol, Received, Route};
