//! gRPC: calls of remote procedures over HTTP/2, their messages read by descriptors.
//!
//! On the wire a message is five bytes and its own: a flag for compression, the length in big-endian, then protobuf. One such
//! frame is a unary call or its reply, several are a stream. How the call ended stands in the trailers (`grpc-status`,
//! `grpc-message`, `grpc-status-details-bin`), or in the headers of a reply that has no more than that.
//!
//! [`Client`] makes calls from values, [`is_serving`] asks for a server's health, and [`reflect`] for its descriptors.
//!
//! [`Reading`] says by which descriptors a reply is read: by the client's, who has to understand it. Without any it is bytes.
//! A reply that is no gRPC (a gateway's page, a missing status) is a failing status, as clients of the field see it.

mod answer;
mod client;
mod deadline;
mod descriptors;
mod frames;
mod health;
mod put;
mod read;
mod reflection;
mod status;

pub(super) use answer::{Coming, answer, carried};
pub use client::{Client, Outcome, Terms};
pub(super) use deadline::deadline;
pub use descriptors::{Descriptors, Reading};
pub use frames::written;
pub use health::is_serving;
pub use put::put;
pub use reflection::{ReflectionError, reflect};

#[cfg(test)]
mod tests;
