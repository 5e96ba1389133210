//! Which file a contract begins with, and where its other files are.

use super::Tree;

/// A contract as it is given: its files, and the one to begin with.
#[derive(Debug, Clone)]
pub struct Source {
    /// All files that it may refer to.
    pub tree: Tree,
    /// The first one's path in the tree.
    pub path: String,
}
