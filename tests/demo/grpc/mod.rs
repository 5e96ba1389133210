//! The shop for programs: gRPC over HTTP/2 by prior knowledge, on a port of its own, with the rows that the pages show. What it
//! serves it reads from its own side's contract, so that a case that changes the contract changes the server.
//!
//! [`listen`] takes connections, [`call`] answers a call, and [`frames`] and [`status`] know the bytes; what each method does is in
//! [`products`], [`parcels`], [`baskets`], [`orders`] and [`health`].

mod baskets;
mod call;
mod descriptors;
mod fields;
mod frames;
mod health;
mod listen;
mod orders;
mod parcels;
mod products;
mod status;

pub use descriptors::Services;
pub use listen::serve;
