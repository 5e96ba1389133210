//! Manifest and checks to plan, events and run: order, time, cancellation, seeds, the verdict and the gate.
//!
//! [`plan`] resolves everything and starts nothing; [`run`] does what the plan says and gives an [`Outcome`].
//!
//! **Invariant:** knows checks only by their seam, and never prints.

mod accept;
mod answers;
mod error;
mod gate;
mod options;
mod plan;
mod run;

pub use error::EngineError;
pub use gate::gate;
pub use options::{Again, Options, Target, quoted};
pub use plan::{Plan, plan};
pub use run::{Outcome, run};
