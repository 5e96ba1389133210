//! A document that was drawn, and the way down from it: shrinking, where every value is valid.

use std::collections::VecDeque;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;

use crate::generate::json_schema::Messages;

/// A document and the steps down that were not tried yet.
#[derive(Debug, Clone)]
pub struct Tree {
    messages: Messages,
    /// The simplest so far that was not complicated again.
    kept: Value,
    current: Value,
    /// Simpler than what is kept; none where nobody has asked yet.
    steps: Option<VecDeque<Value>>,
}

impl Tree {
    fn next(&mut self) -> bool {
        let next = self.steps.as_mut().and_then(VecDeque::pop_front);
        let found = next.is_some();
        self.current = next.unwrap_or_else(|| self.kept.clone());
        found
    }
}

impl ValueTree for Tree {
    type Value = Value;

    fn current(&self) -> Value {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        if self.steps.is_none() || self.current != self.kept {
            self.kept.clone_from(&self.current);
            self.steps = Some(self.messages.simpler(&self.kept).into());
        }
        self.next()
    }

    fn complicate(&mut self) -> bool {
        self.current != self.kept && self.next()
    }
}

impl Strategy for Messages {
    type Tree = Tree;
    type Value = Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let kept = self.draw(runner.rng()).unwrap_or_else(|| self.smallest().clone());
        Ok(Tree { messages: self.clone(), current: kept.clone(), kept, steps: None })
    }
}
