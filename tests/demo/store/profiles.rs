//! What customers say of themselves: a document each, which is read, changed and written back.

use serde_json::{Map, Value};

use super::Shop;
use crate::database::Trouble;

/// A profile's fields.
pub type Profile = Map<String, Value>;

impl Shop<'_> {
    /// What that customer has said.
    pub fn profile(&mut self, customer: &str) -> Result<Option<Profile>, Trouble> {
        let row = self.first("SELECT document FROM profiles WHERE customer = $1", &[customer.into()])?;
        Ok(row.map(|row| serde_json::from_str(&row.text(0)).unwrap_or_default()))
    }

    /// Writes it down in the place of what was there.
    pub fn keep_profile(&mut self, customer: &str, profile: &Profile) -> Result<(), Trouble> {
        let document = Value::Object(profile.clone()).to_string();
        let sql = "INSERT INTO profiles (customer, document) VALUES ($1, $2) \
                   ON CONFLICT (customer) DO UPDATE SET document = excluded.document";
        self.ask(sql, &[customer.into(), document.into()])?;
        Ok(())
    }
}
