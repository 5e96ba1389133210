//! Builds to running servers: sources, builds and their cache, ports, readiness, logs, and the bench that stands
//! arrangements up and takes them down.
//!
//! Owns all that it starts: dropping a [`Standing`], or a future of this module, ends its processes and removes its scratch
//! folders. Refuses to look at traffic. Main types: [`Bench`], [`Standing`]; [`Source`] is the seam.
//!
//! **Invariant:** everything that a run writes lies in its own [`RunFolder`], apart from checkouts in the cache.

mod arrangement;
mod bench;
mod builds;
mod cache;
mod commands;
mod error;
mod folders;
mod identity;
mod instance;
mod place;
mod ports;
mod readiness;
mod replicas;
mod running;
mod source;
mod standing;
mod texts;
mod waves;

pub use arrangement::{Arrangement, Member, Stores};
pub use bench::Bench;
pub use builds::{Builds, prepare};
pub use error::FleetError;
pub use folders::RunFolder;
pub use identity::Identity;
pub use place::Place;
pub use replicas::{Ground, Passed, Replica, Replicas, Stopped};
pub use source::{Build, Job, Reach, Site, Source, committed, source};
pub use standing::{Death, Server, Standing};
pub use texts::Texts;

// What a place gives, and what takes it on.
pub use crate::store::{Migration, MigrationFailed, data};
