//! [`Messages`] as proptest takes them: each value of a tree is valid, and shrinks by [`Messages::simpler`].

use std::vec;

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use prost_reflect::DynamicMessage;

use super::messages::Messages;
use super::text::Shown;

impl Strategy for Messages {
    type Tree = Tree;
    type Value = Shown;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let drawn = self.draw(runner.rng());
        Ok(Tree { messages: self.clone(), left: self.simpler(&drawn).into_iter(), failing: drawn, tried: None })
    }
}

/// A message that failed, and what is left to be tried instead of it.
pub struct Tree {
    messages: Messages,
    failing: DynamicMessage,
    tried: Option<DynamicMessage>,
    left: vec::IntoIter<DynamicMessage>,
}

impl Tree {
    fn next(&mut self) -> bool {
        self.tried = self.left.next();
        self.tried.is_some()
    }
}

impl ValueTree for Tree {
    type Value = Shown;

    fn current(&self) -> Shown {
        Shown(self.tried.as_ref().unwrap_or(&self.failing).clone())
    }

    /// The present one fails: on to what is simpler than it.
    fn simplify(&mut self) -> bool {
        if let Some(tried) = self.tried.take() {
            self.left = self.messages.simpler(&tried).into_iter();
            self.failing = tried;
        }
        self.next()
    }

    /// The present one doesn't fail: on to another step from the one that did.
    fn complicate(&mut self) -> bool {
        self.tried.is_some() && self.next()
    }
}
