//! Calls of a contract's operations and methods, made up: each with the calls before it that give it what it needs.
//!
//! Owns which calls are made and in what order, how values become requests, and what a simpler case is. Refuses to send anything. The
//! main types are [`Calls`] and [`Case`].

mod case;
mod grpc;
mod learned;
mod links;
mod openapi;
mod remote;
mod written;

pub use case::{Case, Made, Said, Step, Taken};
pub use openapi::OpenApi;
pub use remote::Remote;

use proptest::test_runner::TestRng;

use super::protobuf::Lost;
use crate::model::{Call, Exchange};

/// The calls that one side's clients may make by one contract.
#[derive(Debug)]
pub enum Calls {
    /// By HTTP.
    OpenApi(OpenApi),
    /// Of remote procedures.
    Remote(Remote),
}

impl Calls {
    /// All surfaces that are known of, those that nobody can call among them.
    pub fn surfaces(&self) -> Vec<&str> {
        match self {
            Self::OpenApi(calls) => calls.surfaces(),
            Self::Remote(calls) => calls.surfaces(),
        }
    }

    /// Learns from an exchange that was recorded: what it says is what the service knows.
    pub fn learn(&mut self, exchange: &Exchange) {
        match self {
            Self::OpenApi(calls) => calls.learn(exchange),
            Self::Remote(calls) => calls.learn(exchange),
        }
    }

    /// Surfaces of which no call is made, and why.
    pub fn unmade(&self) -> &[(String, String)] {
        match self {
            Self::OpenApi(calls) => calls.unmade(),
            Self::Remote(calls) => calls.unmade(),
        }
    }

    /// At most so many cases of a surface: first what the other side's contract doesn't know, then what lies at the edges, then what
    /// chance gives.
    pub fn cases(&self, surface: &str, other: Option<&Self>, random: &mut TestRng, most: usize) -> Vec<Case> {
        match (self, other) {
            (Self::OpenApi(calls), Some(Self::OpenApi(other))) => calls.cases(surface, Some(other), random, most),
            (Self::OpenApi(calls), _) => calls.cases(surface, None, random, most),
            (Self::Remote(calls), Some(Self::Remote(other))) => calls.cases(surface, Some(other), random, most),
            (Self::Remote(calls), _) => calls.cases(surface, None, random, most),
        }
    }

    /// Cases of the same surface that say less, the boldest first.
    pub fn simpler(&self, case: &Case) -> Vec<Case> {
        match self {
            Self::OpenApi(calls) => calls.simpler(case),
            Self::Remote(calls) => calls.simpler(case),
        }
    }

    /// The call of a step; none where this contract has no such surface, or doesn't allow what is said.
    pub fn call(&self, step: &Step) -> Option<Call> {
        match self {
            Self::OpenApi(calls) => calls.call(step),
            Self::Remote(calls) => calls.call(step),
        }
    }

    /// Whether this contract allows all that a case says.
    pub fn allows(&self, case: &Case) -> bool {
        match self {
            Self::OpenApi(calls) => calls.allows(case),
            Self::Remote(calls) => calls.allows(case),
        }
    }

    /// What of the last step's messages is not the same after the other side has read and written them, with the message.
    pub fn lost(&self, other: &Self, case: &Case) -> Vec<(String, Lost)> {
        match (self, other) {
            (Self::Remote(calls), Self::Remote(other)) => calls.lost(other, case),
            _ => Vec::new(),
        }
    }

    /// What tells this version of a surface from another: a digest of what may be sent to it.
    pub fn digest(&self, surface: &str) -> Option<String> {
        match self {
            Self::OpenApi(calls) => calls.digest(surface),
            Self::Remote(calls) => calls.digest(surface),
        }
    }
}
