//! The methods of gRPC services: their order, and what each takes of those before it.
//!
//! Main function: [`methods`]; main type: [`Method`].

mod methods;
mod path;

pub use methods::{Method, methods};
pub use path::Path;

#[cfg(test)]
mod tests;
