//! The integration tests.

#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

mod cases;
