//! Pages: what a later request may take from one, its forms' fields and the links that a person can follow.
//!
//! `{"forms": {name: value, …}, "links": [target, …]}`, in the page's order, entities decoded. A form's field has the value
//! that a browser would send. Scripts, styles and images are assets and not links; markup within a script's strings is no
//! markup. Targets stay as written: resolving them is for whoever follows one.

mod entities;
mod page;

pub use page::read;

#[cfg(test)]
mod tests;
