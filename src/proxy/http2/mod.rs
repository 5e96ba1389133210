//! HTTP/2, by prior knowledge or by an upgrade: each stream an exchange.
//!
//! Frames can't be passed on as they are, since windows, stream numbers and header compression belong to one connection. What a
//! message says is: fields in their order, data in the pieces in which it comes and no faster than it is taken, trailers,
//! interim replies, and the code of a reset. A client's connection has one to the target, if that speaks HTTP/2; else its
//! streams go out as HTTP/1.1, each over a connection of its own while it lasts.

mod broken;
mod fields;
mod over_http1;
mod over_http2;
mod pump;
mod serve;
mod streams;
mod turn;

pub(super) use broken::Broken;
pub(super) use over_http1::{Connections, pass_on as pass_on_as_http1};
pub(super) use over_http2::pass_on as pass_on_as_http2;
pub(super) use serve::{accept, open, serve};
pub(super) use streams::{Stream, refuse};
