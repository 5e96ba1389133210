//! Messages of one descriptor: the smallest, edges, draws, what another one sees differently, and what is simpler.
//!
//! Main type: [`Messages`].

use std::fmt;
use std::sync::Arc;

use proptest::test_runner::TestRng;
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage as _};

use super::draw::Drawing;
use super::plan::Plan;
use super::{beyond, edges, simpler};

/// Messages of a descriptor. Cheap to clone, and to share between threads.
#[derive(Clone)]
pub struct Messages {
    plan: Arc<Plan>,
    smallest: DynamicMessage,
}

/// Why there are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no message `{name}` can be whole: what it requires holds another one, or more than 500 messages")]
pub struct Unmade {
    name: String,
}

impl fmt::Debug for Messages {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Messages({})", self.smallest.descriptor().full_name())
    }
}

impl Messages {
    /// Makes a descriptor ready.
    pub fn of(descriptor: &MessageDescriptor) -> Result<Self, Unmade> {
        let unmade = || Unmade { name: descriptor.full_name().to_owned() };
        let plan = Plan::of(descriptor).ok_or_else(unmade)?;
        let smallest = plan.smallest(0).cloned().ok_or_else(unmade)?;
        Ok(Self { plan: Arc::new(plan), smallest })
    }

    /// A message with nothing in it that it can do without.
    pub fn smallest(&self) -> DynamicMessage {
        self.smallest.clone()
    }

    /// Up to `most` messages that each differ from the smallest in one respect; first one of every field.
    pub fn edges(&self, most: usize) -> Vec<DynamicMessage> {
        edges::edges(&self.plan, 0, most)
    }

    /// One at random, of bounded depth and size. What is drawn can be written, and is read again as the same.
    pub fn draw(&self, rng: &mut TestRng) -> DynamicMessage {
        Drawing::message(&self.plan, 0, rng).unwrap_or_else(|| self.smallest())
    }

    /// Up to `most` messages that a reader by `other` sees differently, refuses, or doesn't know how to name; those that it gets
    /// most wrong first, and one of each field before the second of any.
    pub fn beyond(&self, other: &MessageDescriptor, most: usize) -> Vec<DynamicMessage> {
        beyond::beyond(&self.plan, other, most)
    }

    /// Strictly simpler messages, the boldest step first. Whoever follows them comes to an end.
    pub fn simpler(&self, message: &DynamicMessage) -> Vec<DynamicMessage> {
        simpler::simpler(&self.plan, message)
    }
}
