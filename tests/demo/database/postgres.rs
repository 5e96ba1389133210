//! PostgreSQL: one connection to a server's database, and the statements that are prepared there. The shop's runtime drives it,
//! and has to have several threads.

use std::collections::HashMap;

use tokio::runtime::Handle;
use tokio::task::block_in_place;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Statement};

use super::{Cell, Database, Row, Trouble};

/// What two shops' transactions lock, so that they take turns.
const LOCK: i64 = 1004;

/// The connection.
pub struct Postgres {
    client: Client,
    prepared: HashMap<String, Statement>,
}

impl Postgres {
    /// Connects.
    pub fn open(url: &str) -> Result<Self, Trouble> {
        Ok(Self { client: connect(url)?, prepared: HashMap::new() })
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, Trouble> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = wait(self.client.prepare(sql))?;
        self.prepared.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Database for Postgres {
    fn ask(&mut self, sql: &str, values: &[Cell]) -> Result<Vec<Row>, Trouble> {
        let statement = self.prepare(sql)?;
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|cell| cell as &(dyn ToSql + Sync)).collect();
        let rows = wait(self.client.query(&statement, &values))?;
        rows.iter().map(row).collect()
    }

    fn run(&mut self, sql: &str) -> Result<(), Trouble> {
        Ok(wait(self.client.batch_execute(sql))?)
    }

    fn begin(&mut self) -> Result<(), Trouble> {
        self.run(&format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK})"))
    }

    fn has_table(&mut self, name: &str) -> Result<bool, Trouble> {
        let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1::text";
        Ok(!self.ask(sql, &[name.into()])?.is_empty())
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned()))
    }
}

fn connect(url: &str) -> Result<Client, Trouble> {
    let (client, connection) = wait(tokio_postgres::connect(url, NoTls))?;
    Handle::current().spawn(async move {
        // Whoever waits for an answer is told by the client.
        let _ = connection.await;
    });
    Ok(client)
}

fn wait<F: Future>(future: F) -> F::Output {
    block_in_place(|| Handle::current().block_on(future))
}

fn row(row: &tokio_postgres::Row) -> Result<Row, Trouble> {
    let cell = |(at, column): (usize, &tokio_postgres::Column)| {
        Ok(if *column.type_() == Type::INT8 {
            row.try_get::<_, Option<i64>>(at)?.map_or(Cell::Null, Cell::Number)
        } else {
            row.try_get::<_, Option<String>>(at)?.map_or(Cell::Null, Cell::Text)
        })
    };
    row.columns().iter().enumerate().map(cell).collect::<Result<_, Trouble>>().map(Row)
}
