//! Rows of one table of one database, read in parts: no more of them is held than one part.

use std::collections::VecDeque;

use super::super::session::Session;

/// So many rows are read at once.
const PART: usize = 2000;

/// A row by which it is known, and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// By this it is known in both databases, and sorted.
    pub(super) key: String,
    /// How often it is there.
    pub(super) count: u64,
    /// The values that are compared and shown.
    pub(super) values: Vec<Option<String>>,
}

/// The rows of a query, whose columns are those of [`Row`], in the order of their keys.
pub(super) struct Rows<'s> {
    session: &'s Session,
    read: VecDeque<Row>,
    is_whole: bool,
}

impl<'s> Rows<'s> {
    pub(super) async fn of(session: &'s Session, sql: &str) -> Result<Self, String> {
        session.run(&format!("DECLARE differing NO SCROLL CURSOR FOR {sql}")).await?;
        Ok(Self { session, read: VecDeque::new(), is_whole: false })
    }

    /// The next one, which stays there until it is taken.
    pub(super) async fn peek(&mut self) -> Result<Option<&Row>, String> {
        if self.read.is_empty() && !self.is_whole {
            let part = self.session.rows(&format!("FETCH {PART} FROM differing"), &[]).await?;
            self.is_whole = part.len() < PART;
            let row = |row: &tokio_postgres::Row| Row {
                key: row.get(0),
                count: u64::try_from(row.get::<_, i64>(1)).unwrap_or_default(),
                values: row.get(2),
            };
            self.read.extend(part.iter().map(row));
        }
        Ok(self.read.front())
    }

    pub(super) fn take(&mut self) -> Option<Row> {
        self.read.pop_front()
    }

    pub(super) async fn close(self) -> Result<(), String> {
        self.session.run("CLOSE differing").await
    }
}
