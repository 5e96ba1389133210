//! The test kit.

pub mod balancer;
pub mod demo;
#[path = "../demo/faults.rs"]
pub mod faults;
mod golden;
pub mod kit;
#[path = "../demo/manifest.rs"]
pub mod manifest;
pub mod project;
pub mod recording;
mod require;
pub mod rpc;
pub mod schema;
pub mod server;
pub mod tape;
mod wait;
mod watch;

pub use golden::golden;
pub use require::{has_postgres, has_program, require};
pub use wait::eventually;
pub use watch::launch;
