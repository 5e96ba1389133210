//! One file a feature.

mod cli;
mod demo;
mod fleet;
mod hostile;
mod kills;
mod layers;
mod process;
mod replay;
mod rules;
mod store;
