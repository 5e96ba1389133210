//! Forms and their kin: `application/x-www-form-urlencoded`, to fields and back, and multipart bodies. Order and repeated
//! names are kept. Values are text; a file is text where it is UTF-8, else bytes.

mod multipart;
mod urlencoded;

pub use multipart::{Part, mixed, multipart, parts};
pub(super) use multipart::{mixed_at, without_preamble};
pub(super) use urlencoded::weigh;
pub use urlencoded::{urlencoded, write};

#[cfg(test)]
mod tests;
