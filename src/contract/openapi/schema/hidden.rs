//! Properties that a message never carries: `readOnly` ones in requests, `writeOnly` ones in replies.

use std::collections::BTreeSet;

use super::schemas::Mode;
use super::translate::hiding;
use crate::contract::openapi::read::{Contract, Node};

/// Names of properties that are not sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Hidden(BTreeSet<String>);

/// Levels of `allOf` in which properties are looked for: who names one deeper than this names it for nobody to find.
const LEVELS: usize = 8;

impl Hidden {
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    pub(super) fn and(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }
}

/// What a schema hides in messages of that kind; what a branch of `allOf` hides, another can't require.
pub(super) fn hidden(node: &Node<'_>, mode: Mode, contract: &Contract) -> Hidden {
    let mut found = Hidden::default();
    collect(node, hiding(mode), contract, LEVELS, &mut found.0);
    found
}

fn collect(node: &Node<'_>, keyword: &str, contract: &Contract, levels: usize, found: &mut BTreeSet<String>) {
    if let Some(properties) = node.get("properties") {
        for (name, property) in properties.members() {
            let is_hidden = property.is_set(keyword)
                || (property.reference().is_some()
                    && contract.follow(property).is_ok_and(|target| target.is_set(keyword)));
            if is_hidden {
                found.insert(name.to_owned());
            }
        }
    }
    if levels > 0
        && let Some(branches) = node.get("allOf")
    {
        for branch in branches.items() {
            if let Ok(branch) = contract.follow(branch) {
                collect(&branch, keyword, contract, levels - 1, found);
            }
        }
    }
}
