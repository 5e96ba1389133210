//! One file a feature.

mod process;
