//! One file a feature.

mod bodies;
mod builds;
mod cli;
mod connections;
mod data;
mod demo;
mod docs;
mod environment;
mod fleet;
mod fuzzed;
mod hostile;
mod kills;
mod layers;
mod manifest_effects;
mod mixing;
mod postgres;
mod process;
mod proxy;
mod record;
mod redaction;
mod replay;
mod report_format;
mod rules;
mod shards;
mod store;
mod templates;
