//! The integration tests.

mod cases;
mod support;
