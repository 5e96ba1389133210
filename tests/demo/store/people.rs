//! Who is there: visits, sessions and tokens.

use serde_json::{Value, json};

use super::Shop;
use crate::database::Trouble;

/// Somebody who logged in.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub customer: String,
    /// The token of the forms on this session's pages.
    pub csrf: String,
}

impl Shop<'_> {
    /// Somebody looks at the login page.
    pub fn visit(&mut self, visit: &str, csrf: &str) -> Result<(), Trouble> {
        self.ask("INSERT INTO visits (id, csrf) VALUES ($1, $2)", &[visit.into(), csrf.into()])?;
        Ok(())
    }

    /// The token of a visit's form, which is good for one time.
    pub fn end_visit(&mut self, visit: &str) -> Result<Option<String>, Trouble> {
        let row = self.first("DELETE FROM visits WHERE id = $1 RETURNING csrf", &[visit.into()])?;
        Ok(row.map(|row| row.text(0)))
    }

    /// Somebody has logged in.
    pub fn log_in(&mut self, sid: &str, session: &Session) -> Result<(), Trouble> {
        let object = json!({
            "class": "Session", "version": self.dialect.session_class(), "customer": session.customer, "csrf": session.csrf,
        });
        self.ask("INSERT INTO sessions (id, object) VALUES ($1, $2)", &[sid.into(), object.to_string().into()])?;
        Ok(())
    }

    /// The session of that id. One that was made of another version of its class can't be read.
    pub fn session(&mut self, sid: &str) -> Result<Option<Session>, Trouble> {
        let Some(row) = self.first("SELECT object FROM sessions WHERE id = $1", &[sid.into()])? else {
            return Ok(None);
        };
        let object: Value = serde_json::from_str(&row.text(0)).unwrap_or_default();
        if object["version"] != self.dialect.session_class() {
            return Err(Trouble::of(format!("class Session has another version than {}", object["version"])));
        }
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        Ok(Some(Session { customer: text("customer"), csrf: text("csrf") }))
    }

    /// Somebody has logged out.
    pub fn log_out(&mut self, sid: &str) -> Result<(), Trouble> {
        self.ask("DELETE FROM sessions WHERE id = $1", &[sid.into()])?;
        Ok(())
    }

    /// A program has a token.
    pub fn give_token(&mut self, token: &str, customer: &str) -> Result<(), Trouble> {
        self.ask("INSERT INTO tokens (token, customer) VALUES ($1, $2)", &[token.into(), customer.into()])?;
        Ok(())
    }

    /// Whose token it is.
    pub fn bearer(&mut self, token: &str) -> Result<Option<String>, Trouble> {
        let row = self.first("SELECT customer FROM tokens WHERE token = $1", &[token.into()])?;
        Ok(row.map(|row| row.text(0)))
    }

    /// A customer's password as it is kept.
    pub fn password(&mut self, customer: &str) -> Result<Option<String>, Trouble> {
        let row = self.first("SELECT password FROM customers WHERE name = $1", &[customer.into()])?;
        Ok(row.map(|row| row.text(0)))
    }

    /// Keeps a password, as it is to be kept.
    pub fn keep_password(&mut self, customer: &str, kept: &str) -> Result<(), Trouble> {
        let sql = "INSERT INTO customers (name, password) VALUES ($1, $2) \
                   ON CONFLICT (name) DO UPDATE SET password = excluded.password";
        self.ask(sql, &[customer.into(), kept.into()])?;
        Ok(())
    }
}
