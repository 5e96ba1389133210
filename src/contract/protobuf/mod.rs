//! Protobuf contracts: `.proto` files and descriptor sets, compared by what goes over the wire.
//!
//! Owns reading them, and comparing messages, enums and methods in both directions and both encodings. What breaks is shown with a
//! message that was really written by one side's descriptor and read by the other's. Refuses editions by name. Main function:
//! [`compare`]; every [rule](RULES) has a file.

mod compare;
mod enums;
mod exchange;
mod field;
mod hit;
mod load;
mod meaning;
mod meeting;
mod methods;
mod rules;
mod sample;
mod schema;
mod special;
mod surfaces;

pub use compare::{compare, compare_schemas};
// Who makes messages writes and reads them in the same way.
pub(crate) use exchange::{Exchange, Wire};
pub(crate) use field::{Field, Shape, is_closed};
pub use load::load;
pub(crate) use meaning::{Fate, fate};
pub use rules::ALL as RULES;
pub use schema::Schema;
pub(crate) use special::is_special;

#[cfg(test)]
mod tests;
