//! Observations to findings: does the mixed cell behave where its control behaves?
//!
//! [`judge`] takes one exchange in all its cells, a [`Trial`], and gives a [`Judgement`]: whether the control is to be
//! trusted (fidelity, twins), and what the rules say of every place at which the mixed cell differs. What differs between
//! twins is noise; its shape is learned and still compared.
//!
//! **Invariant:** pure, and it can't fail. Knows no protocol, no file and no clock: only words of `model`.

mod align;
mod details;
mod evidence;
mod fidelity;
mod headers;
mod judge;
mod known;
mod noise;
mod pages;
mod places;
pub mod rules;
mod secret;
mod shape;
mod spot;
mod streams;
mod subject;
mod trial;
mod walk;

pub use evidence::{reply as reply_evidence, request as request_evidence};
pub use fidelity::departure;
pub use judge::judge;
pub use known::knows;
pub use spot::{Hit, Reader, Spoken, Spot, Way, What};
pub use subject::subject;
pub use trial::{Found, Judgement, Standing, Trial, View};
