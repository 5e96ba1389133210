//! HTTP/1.1 and HTTP/2 as a client: requests exactly as they were recorded, replies exactly as they came.
//!
//! A client that normalises or resends is no witness, so this one is our own. Targets and headers go out in their recorded
//! order, case and number. The exceptions are what belongs to one connection and not to the call (the list is in
//! `request`), and framing that would lie about the body at hand. Header values are Latin-1 on the wire in both
//! directions, a character a byte, so that whatever a server sent goes back to it unchanged.
//!
//! Connections are kept and used again only while they are surely good; see `pool`. [`Http`] is the main type.

pub(crate) mod block;
mod body;
mod client;
mod connection;
mod framing;
mod head;
mod pool;
mod request;
mod two;
mod window;

pub use client::Http;
pub use two::Speakers;

#[cfg(test)]
mod tests;
