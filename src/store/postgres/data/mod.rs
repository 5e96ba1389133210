//! What a database holds: hashed and counted by the server, and compared with another by reading only the rows of which
//! the hashes differ.
//!
//! Both are read as of one moment each, whoever writes meanwhile. Left out: what extensions bring along, temporary tables,
//! large objects, and the rows of foreign tables, which are somewhere else.

mod catalog;
mod compare;
mod count;
mod digest;
mod rows;

pub(super) use compare::compare;
pub(super) use count::count;
pub(super) use digest::digest;
