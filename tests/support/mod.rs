//! The test kit.

mod wait;
mod watch;

pub use wait::eventually;
pub use watch::launch;
