//! What goes through the proxy, on its way to the file: bodies held within bounds, exchanges put together of their two halves,
//! and two threads, one of which takes credentials out while the other one writes what came before.
//!
//! **Invariant:** an exchange is in the file as soon as it has ended, or is told of as not recorded; nothing is lost in silence.

mod kept;
mod recorder;
mod redacting;
mod take;
mod tally;
mod writer;

pub use recorder::{Recorder, Redact};
pub(super) use take::{CallHalf, ReplyHalf};
pub use tally::{Tally, Unrecorded};
