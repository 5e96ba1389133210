//! Every process that straddle starts, and the guardian that ends them, even when straddle itself is killed.
//!
//! Builds are never children of the process that a person started: they are children of the *guardian*, which is straddle
//! run once more ([`Launch`]). The two share one Unix socket, and nothing else has its ends; so when the parent ends,
//! however it ends, the guardian reads the end of that socket, kills every group and every descendant, removes the
//! scratch folders that it was told of, and exits. As the guardian itself does the spawning, there is no moment at
//! which a build runs and is not known to it.
//!
//! - In the parent: [`Guardian`] starts a [`Process`] from a [`Spec`]; its output is a [`Log`]; it ends in an [`Exit`].
//!   [`run_to_end`] is for commands.
//! - Where secrets may be printed, a [`Veil`] stands before all logs ([`Guardian::veiled`]).
//! - In the guardian: [`guard`], which only `cli` calls.
//!
//! **Invariant:** no other module spawns a process. No unsafe code, nothing is printed, and the environment is not read.

mod error;
mod exit;
mod finish;
mod guardian;
mod launch;
mod log;
mod protocol;
mod running;
mod spec;
mod veil;
mod watch;

pub use error::ProcessError;
pub use exit::Exit;
pub use finish::{Finished, run_to_end};
pub use guardian::Guardian;
pub use launch::{GUARDIAN_VARIABLE, Launch};
pub use log::{Log, Trouble};
pub use running::Process;
pub use spec::{INSTANCE_VARIABLE, Program, Spec, User};
pub use veil::Veil;
pub use watch::guard;
