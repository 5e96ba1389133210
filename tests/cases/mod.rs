//! One file a feature.

mod layers;
mod rules;
