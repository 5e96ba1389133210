//! Values as they go into the database and come out: numbers and texts, and nothing else. Its main type is [`Cell`].

use std::error::Error;

use bytes::BytesMut;
use rusqlite::types::ToSqlOutput;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// None.
    Null,
    /// `BIGINT`
    Number(i64),
    /// `TEXT`
    Text(String),
}

/// A row's values in the order in which they were asked for.
#[derive(Debug, Clone)]
pub struct Row(pub Vec<Cell>);

impl Row {
    /// A text; empty where there is none.
    pub fn text(&self, at: usize) -> String {
        match self.0.get(at) {
            Some(Cell::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }

    /// A number; 0 where there is none.
    pub fn number(&self, at: usize) -> u64 {
        match self.0.get(at) {
            Some(Cell::Number(number)) => u64::try_from(*number).unwrap_or_default(),
            _ => 0,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl rusqlite::ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Null => Ok(ToSqlOutput::Owned(rusqlite::types::Value::Null)),
            Self::Number(number) => rusqlite::ToSql::to_sql(number),
            Self::Text(text) => rusqlite::ToSql::to_sql(text),
        }
    }
}

impl ToSql for Cell {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Number(number) => ToSql::to_sql(number, kind, out),
            Self::Text(text) => ToSql::to_sql(text, kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT)
    }

    to_sql_checked!();
}
