//! HTTP/1.x, byte for byte: two directions that read along what they pass on.
//!
//! The bytes of heads and bodies are never put together anew. What is changed in a head, and only where it must be, is in
//! [`edit`]; what is answered instead of the target is in `refusal`.

mod connection;
mod edit;
mod flow;
mod framing;
mod head;
mod incoming;
mod refusal;
mod replies;
mod requests;
mod send;
mod tunnel;

pub(super) use connection::{BY, Beginning, HALF, Turn, begin, close, connect, reset, serve};
pub(super) use edit::{edited, offers_http2};
pub(super) use flow::Flow;
pub(super) use framing::{Framing, members};
pub(super) use head::{NoHead, ReplyHead, RequestHead};
pub(super) use incoming::Incoming;
pub(super) use refusal::Refusal;
pub(super) use send::send;
pub(super) use tunnel::pump;
