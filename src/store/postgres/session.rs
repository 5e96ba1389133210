//! One connection to a database.

use std::error::Error as _;
use std::str::FromStr as _;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, NoTls, Row};

use crate::manifest::DatabaseUrl;

/// How long a host may take to answer at all.
const CONNECTING: Duration = Duration::from_secs(10);

/// A connection, which ends when this is dropped. Its errors are what the server says.
#[derive(Debug)]
pub(super) struct Session {
    client: Client,
    connection: JoinHandle<()>,
}

impl Session {
    /// Connects to that database of the server which the URL leads to.
    pub(super) async fn open(url: &DatabaseUrl, database: &str, application: &str) -> Result<Self, String> {
        let mut config = Config::from_str(&url.of_database(database)).map_err(|error| told(&error))?;
        config.application_name(application).connect_timeout(CONNECTING);
        if config.get_ssl_mode() == SslMode::Require {
            return Err("its URL asks for TLS, which straddle does not speak to databases: take `sslmode` out, or go through a tunnel".to_owned());
        }
        let (client, connection) = config.connect(NoTls).await.map_err(|error| told(&error))?;
        let connection = tokio::spawn(async move {
            // Whoever waits for an answer is told by the client.
            let _ = connection.await;
        });
        Ok(Self { client, connection })
    }

    /// Runs statements that give no rows.
    pub(super) async fn run(&self, sql: &str) -> Result<(), String> {
        self.client.batch_execute(sql).await.map_err(|error| told(&error))
    }

    /// Runs a statement that gives rows.
    pub(super) async fn rows(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, String> {
        self.client.query(sql, values).await.map_err(|error| told(&error))
    }

    /// The server's version: 15.
    pub(super) async fn version(&self) -> Result<i32, String> {
        let row = self.rows("SELECT current_setting('server_version_num')::int / 10000", &[]).await?;
        row.first().map(|row| row.get(0)).ok_or_else(|| "it does not know its version".to_owned())
    }

    /// The size of a database in bytes.
    pub(super) async fn size(&self, database: &str) -> Result<i64, String> {
        let rows = self.rows("SELECT pg_database_size($1::text::name)", &[&database]).await?;
        Ok(rows.first().map_or(0, |row| row.get(0)))
    }

    /// Drops a database, whoever is connected to it.
    pub(super) async fn drop_database(&self, name: &str) -> Result<(), String> {
        if self.version().await? >= 13 {
            return self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
        let end =
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()";
        self.rows(end, &[&name]).await?;
        self.run(&format!("DROP DATABASE IF EXISTS {name}")).await
    }

    /// How many others are connected to a database.
    pub(super) async fn users(&self, database: &str) -> Result<i64, String> {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()";
        let rows = self.rows(count, &[&database]).await?;
        Ok(rows.first().map_or(0, |row| row.get(0)))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// What the server says, with its detail and hint; else what the system says.
fn told(error: &Error) -> String {
    let Some(said) = error.as_db_error() else {
        return match error.source() {
            Some(source) => format!("{error}: {source}").replace("error connecting to server: ", ""),
            None => error.to_string(),
        };
    };
    let more = [said.detail(), said.hint()].into_iter().flatten();
    std::iter::once(said.message()).chain(more).collect::<Vec<_>>().join("; ")
}
