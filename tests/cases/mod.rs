//! One file a feature.

mod layers;
mod replay;
mod rules;
