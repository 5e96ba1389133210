//! What goes through the proxy, on its way to the file: bodies held within bounds, exchanges put together of their two halves,
//! and one writer.
//!
//! **Invariant:** an exchange is in the file as soon as it has ended, or is told of as not recorded; nothing is lost in silence.

mod kept;
mod recorder;
mod take;
mod tally;
mod writer;

pub use recorder::{Recorder, Redact};
pub(super) use take::{CallHalf, ReplyHalf};
pub use tally::{Tally, Unrecorded};
