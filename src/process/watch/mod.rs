//! The guardian itself: the process that starts all others, and outlives its parent by as long as ending them takes.
//!
//! It knows one thing that its parent can't: the end of the control socket, which comes however the parent ends. On Linux
//! it is a subreaper, so that daemons that leave their group and their parents become its children, and are found.

mod descendants;
mod group;
mod guarding;

pub use guarding::guard;

pub(super) use descendants::kill_orphans;
