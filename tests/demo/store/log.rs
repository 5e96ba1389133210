//! What the shop was told to do: commands, which it reads again when it starts; and jobs, which somebody will do.

use serde_json::Value;

use super::Shop;
use crate::database::Trouble;

impl Shop<'_> {
    /// The version of the schema.
    pub fn schema(&mut self) -> Result<u64, Trouble> {
        let row = self.first("SELECT value FROM counters WHERE name = 'schema'", &[])?;
        Ok(row.map_or(0, |row| row.number(0)))
    }

    /// All commands, the first first.
    pub fn commands(&mut self) -> Result<Vec<Value>, Trouble> {
        let rows = self.ask("SELECT command FROM log ORDER BY id", &[])?;
        Ok(rows.iter().map(|row| serde_json::from_str(&row.text(0)).unwrap_or_default()).collect())
    }

    /// Writes a command down.
    pub fn command(&mut self, command: &Value) -> Result<(), Trouble> {
        let id = self.next("log")?;
        self.ask("INSERT INTO log (id, command) VALUES ($1, $2)", &[id.into(), command.to_string().into()])?;
        Ok(())
    }

    /// Queues a job, and gives its number.
    pub fn queue(&mut self, queue: &str, arguments: &Value) -> Result<u64, Trouble> {
        let id = self.next("job")?;
        let sql = "INSERT INTO jobs (id, queue, arguments, done) VALUES ($1, $2, $3, 0)";
        self.ask(sql, &[id.into(), queue.into(), arguments.to_string().into()])?;
        Ok(id)
    }

    /// Does the oldest job of a queue that is not done, and gives its arguments.
    pub fn work(&mut self, queue: &str) -> Result<Option<Value>, Trouble> {
        let sql = "UPDATE jobs SET done = 1 WHERE id = (SELECT min(id) FROM jobs WHERE queue = $1 AND done = 0) \
                   RETURNING arguments";
        let row = self.first(sql, &[queue.into()])?;
        Ok(row.map(|row| serde_json::from_str(&row.text(0)).unwrap_or_default()))
    }
}
