//! HTTP/2 by prior knowledge, over the `h2` crate, which neither normalises nor resends.
//!
//! What HTTP/2 can't carry stays behind: what belongs to a connection, and `Host`, which becomes `:authority`. All else goes
//! out in its recorded order, names in lower case as the protocol has them, cookies in one header or in many as they were
//! recorded. A server that breaks a stream or the connection off is quoted by its own name for why. What it may send is
//! bounded by the limits of a reply, and whatever it does besides (settings, pings, windows that never open) by their time:
//! when that is over, the connection ends.

mod connection;
mod pool;
mod reply;
mod request;
mod speaks;

pub(super) use connection::Connection;
pub(super) use pool::Pool;
pub(super) use request::sayable;
pub use speaks::Speakers;
