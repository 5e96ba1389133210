//! What a person should know about how files were read: bounded, whatever the files hold.

/// As many are kept word for word.
const MOST: usize = 100;

/// Notes, and how many more there were.
#[derive(Debug, Default)]
pub(super) struct Notes {
    kept: Vec<String>,
    more: u64,
}

impl Notes {
    /// Adds one.
    pub(super) fn add(&mut self, note: String) {
        if self.kept.len() < MOST {
            self.kept.push(note);
        } else {
            self.more += 1;
        }
    }

    /// All of them.
    pub(super) fn end(mut self) -> Vec<String> {
        match self.more {
            0 => {}
            1 => self.kept.push("and 1 more note".to_owned()),
            more => self.kept.push(format!("and {more} more notes")),
        }
        self.kept
    }
}
