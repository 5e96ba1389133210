//! One file a feature.

mod fleet;
mod store;
