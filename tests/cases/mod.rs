//! One file a feature.

mod builds;
mod cli;
mod demo;
mod fleet;
mod layers;
mod process;
mod replay;
mod rules;
mod store;
mod templates;
