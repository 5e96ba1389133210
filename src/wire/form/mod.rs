//! Forms: `application/x-www-form-urlencoded`, to fields and back, and `multipart/form-data`. Order and repeated names are
//! kept. Values are text; a file is text where it is UTF-8, else bytes.

mod multipart;
mod urlencoded;

pub use multipart::multipart;
pub use urlencoded::{urlencoded, write};

#[cfg(test)]
mod tests;
