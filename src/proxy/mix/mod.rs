//! The balancer: it stands before several instances, sends each request to one of them by a plan, and tells which one it was.
//!
//! Owns the choice, what it has open with each instance, and the log of what became of each request. Refuses to be clever: no
//! byte is added, nothing is sent twice, nobody is asked whether it is well. What an instance does is what its client sees, and
//! the log says of it in one line. The main type is [`Mixer`].
//!
//! It reads and sends as the recording proxy does and by the same code, but for HTTP/1.1: there that proxy has one connection to
//! its one target for each of a client's, and passes both directions on side by side, whatever is in them. Here the instance may be
//! another at each request, so that a connection is served request by request (`exchange`), those that came ahead waiting.

mod affinity;
mod answering;
mod calling;
mod exchange;
mod http1;
mod instances;
mod link;
mod log;
mod mixer;
mod passing;
mod plan;
mod streams;

pub use instances::{Draining, Instances, Upstream};
pub use log::{Line, Log, Outcome, Taken};
pub use mixer::Mixer;
pub(super) use passing::Passing;
pub use plan::{Plan, Told};

/// Who answers instead of an instance.
const BY: &str = "balancer";
