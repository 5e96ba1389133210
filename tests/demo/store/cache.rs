//! What was worked out before: entries by key, which both generations of the shop share.

use super::Shop;
use crate::database::Trouble;

impl Shop<'_> {
    /// An entry, and how its value is encoded.
    pub fn cached(&mut self, key: &str) -> Result<Option<(String, String)>, Trouble> {
        let row = self.first("SELECT value, encoding FROM cache WHERE key = $1", &[key.into()])?;
        Ok(row.map(|row| (row.text(0), row.text(1))))
    }

    /// Keeps a value under that key.
    pub fn cache(&mut self, key: &str, value: &str, encoding: &str) -> Result<(), Trouble> {
        let sql = "INSERT INTO cache (key, value, encoding) VALUES ($1, $2, $3) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, encoding = excluded.encoding";
        self.ask(sql, &[key.into(), value.into(), encoding.into()])?;
        Ok(())
    }

    /// Takes an entry away.
    pub fn uncache(&mut self, key: &str) -> Result<(), Trouble> {
        self.ask("DELETE FROM cache WHERE key = $1", &[key.into()])?;
        Ok(())
    }
}
