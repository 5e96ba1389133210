//! One file a feature.

mod demo;
mod layers;
mod process;
mod replay;
mod rules;
