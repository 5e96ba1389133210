//! One file a feature.

mod cli;
