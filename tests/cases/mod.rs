//! One file a feature.

mod cli;
mod demo;
mod fleet;
mod layers;
mod process;
mod replay;
mod rules;
mod store;
