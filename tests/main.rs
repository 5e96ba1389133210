//! The integration tests: one binary.

mod cases;
mod fuzzed;
mod support;
