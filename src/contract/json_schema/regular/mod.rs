//! Regular expressions as sets of texts: is there a text that matches these and not those?
//!
//! Owns a machine for each expression and the walk over many of them at once, which finds the shortest text or shows that there is
//! none. Refuses what is not regular (look-around, word boundaries, back references) and what is too large. Main type: [`Machine`].

mod machine;
mod walk;

pub(crate) use machine::Machine;
pub(crate) use walk::{Asked, Found, find};
