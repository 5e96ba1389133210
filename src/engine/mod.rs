//! Manifest and checks to plan, events and run: order, time, cancellation, seeds, the verdict and the gate.
//!
//! [`plan`] resolves everything and starts nothing; [`run`] does what the plan says and gives an [`Outcome`]; [`merge`] gives
//! that of a run which was split into shards.
//!
//! **Invariant:** knows checks only by their seam, and never prints.

mod accept;
mod answers;
mod close;
mod contracts;
mod covered;
mod descriptors;
mod error;
mod gate;
mod merge;
mod options;
mod plan;
mod run;

pub use contracts::Contracts;
pub use error::EngineError;
pub use gate::gate;
pub use merge::{MergeError, merge};
pub use options::{Again, Options, Target, quoted};
pub use plan::{Plan, plan};
pub use run::{Outcome, run};
