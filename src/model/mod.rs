//! The words: data that every other module speaks in.
//!
//! **Invariant:** pure. No clock, files, sockets, environment or randomness; nothing here can fail but parsing a word.

mod call;
mod checkpoint;
mod document;
mod event;
mod exchange;
mod finding;
mod fold;
mod link;
mod observation;
mod place;
mod promise;
mod rpc;
mod rule;
mod run;
pub mod secret;
mod sent;
mod shard;
mod side;
mod surface;

pub use call::{Body, Call, Fault, Metadata, Reply};
pub use checkpoint::{Checkpoint, Ground, Safe, Stop};
pub use document::{Document, Kind, Number};
pub use event::{Event, Events};
pub use exchange::{Binding, Exchange, HttpVersion, Producer, Via};
pub use finding::{Accepted, Evidence, Finding, Replay, StoryStep, fingerprint, told};
pub use fold::Fold;
pub use link::{link_value, origin_form};
pub use observation::{Answer, Content, Form, Observation, Reader};
pub use place::{At, BadPlace, Path, Place, Step, Within};
pub use promise::{Promise, Promises};
pub use rpc::{Code, Ending, is_rpc};
pub use rule::{Rule, Severity};
pub use run::{
    Answer as AnswerTo, Answers, BuildFacts, CheckFacts, Coverage, Mark, MatrixRow, Run, Status, Unstable, Verdict,
};
pub use sent::Sent;
pub use shard::{Ended, Shard, ShardedRecording};
pub use side::{Direction, Pair, Question, Side};
pub use surface::stands_for;
