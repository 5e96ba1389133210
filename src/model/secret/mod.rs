//! Credentials: what stands for one in a recording, which names they go under, and what they are filled with.
//!
//! Owns the placeholder `{secret:NAME#n}` ([`placeholders`]), the names that say of a value that it is a credential
//! ([`naming`]), the values that a manifest gives ([`Secrets`]), and what hides these wherever bytes leave straddle
//! ([`Mask`]). Refuses to know where in a message a credential stands: that is `traffic::redaction`'s.

mod looks;
mod mask;
mod names;
mod placeholder;
mod values;
pub mod writing;

pub use looks::{Look, looks};
pub use mask::Mask;
pub use names::{Naming, naming};
pub use placeholder::{Placeholder, captured, fragment, has_placeholder, placeholder_at, placeholders, whole};
pub use values::Secrets;
