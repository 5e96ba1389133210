//! Where in a contract something stands.

use std::fmt;

/// A place in one of a contract's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The file, as its [`Tree`](super::Tree) names it.
    pub file: String,
    /// From 1; 0 where the file has no lines, as a descriptor set.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => out.write_str(&self.file),
            line => write!(out, "{}:{line}:{}", self.file, self.column),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Position;

    #[test]
    fn a_position_reads_as_editors_take_it() {
        let at = |line| Position { file: "api/shop.proto".to_owned(), line, column: 7 }.to_string();
        assert_eq!((at(3).as_str(), at(0).as_str()), ("api/shop.proto:3:7", "api/shop.proto"));
    }
}
