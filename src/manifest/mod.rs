//! `straddle.toml`: what was asked for.

mod types;

pub use types::*;
