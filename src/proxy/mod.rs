//! The in-path proxy: it passes traffic on as it is, and records it, or spreads it over several instances.
//!
//! Owns the sockets of clients and those towards the target, and what is held of their traffic until it is recorded. Refuses to
//! mend anything: HTTP/1.x goes on byte for byte in both directions, in the pieces in which it comes, over one connection to the
//! target for each of a client's, so that whatever a server does by connection it does still. What can't be passed on so (a
//! message that could be read in two ways) is refused by name. HTTP/2 goes on as HTTP/2 where the target speaks it, else as
//! HTTP/1.1. A connection that switches to another protocol becomes a tunnel, and is told of as not recorded.
//!
//! The main types are [`Proxy`] and [`Recorder`]; [`Route`] is the one place that says which upstream a call goes to. The balancer
//! is [`Mixer`], which sends each request where its [`Plan`] says, and tells who answered.
//!
//! **Invariant:** whatever either side sends, memory and waiting are bounded by [`Limits`].

mod door;
mod ear;
mod error;
mod http1;
mod http2;
mod limits;
mod listen;
mod mix;
mod route;
mod tape;

pub use error::ProxyError;
pub use limits::Limits;
pub use listen::Proxy;
pub use mix::{Draining, Instances, Line, Log, Mixer, Outcome, Plan, Taken, Told, Upstream};
pub use route::Route;
pub use tape::{Recorder, Redact, Tally, Unrecorded};
