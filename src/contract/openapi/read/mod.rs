//! Reads a contract's files into operations: what a reference means, which parameters an operation has, what it replies.

mod contract;
mod media;
mod node;
mod operation;
mod operations;
mod parameter;
mod reply;
mod security;
mod servers;

pub(super) use contract::{Contract, Dialect};
pub(super) use media::{Content, Range, closest};
pub(super) use node::{Identity, Node, Trouble};
pub(super) use operation::Operation;
pub(super) use operations::{Offered, Operations};
pub use parameter::Location;
pub(super) use parameter::{Parameter, Style};
pub(super) use reply::{Header, Reply, Status};
pub(super) use security::{Admission, Alternative};
pub(super) use servers::bases;
