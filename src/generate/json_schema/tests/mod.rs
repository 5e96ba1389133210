//! What must hold whatever the schema: that every document is valid, and that there is one where one can be.

mod messages;
mod random;
mod whatever;
