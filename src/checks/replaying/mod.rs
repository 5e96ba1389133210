//! Recordings side by side: through the control, its twin, the mixed cell and its twin, and what is concluded from that.
//!
//! Each cell stands on its own copy of the same seeded store, fresh for each recording and each pass. The expectation is the
//! control's live reply. Candidates are confirmed by running their sessions again before they are findings. What is written
//! down on the way (`tally`) is kept apart from what is concluded (`outcome`), so that the work can be split over shards. Refuses
//! to know where recordings come from: `replay` has them from files, `generated` makes them. Main type: [`Run`].

mod books;
mod cells;
mod confirm;
mod ledger;
mod needs;
mod outcome;
mod pass;
mod processes;
mod run;
mod stretches;
mod tally;
mod watch;
mod withheld;

pub(super) use outcome::{Words, outcome};
pub(super) use run::{Recorded, Run, Surfaces};
pub(super) use tally::Tally;
pub(super) use withheld::withheld;
