//! What was paid, each ticket once: the till's lock is held by the last ticket.

use super::Shop;
use crate::database::{Cell, Trouble};

/// What somebody paid.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Its number.
    pub receipt: String,
    /// In hundredths.
    pub cents: u64,
}

impl Shop<'_> {
    /// Takes so much for a ticket, unless it was taken already.
    pub fn pay(&mut self, ticket: &str, receipt: &str, cents: u64) -> Result<(), Trouble> {
        let holder = self.dialect.lock_key(ticket);
        let lock = "UPDATE locks SET holder = $1 WHERE name = 'till' AND holder <> $1 RETURNING name";
        if self.first(lock, &[holder.into()])?.is_none() {
            return Ok(());
        }
        let values: [Cell; 3] = [receipt.into(), ticket.into(), (cents * self.dialect.money_scale()).into()];
        if self.dialect.says_currency() {
            let sql = "INSERT INTO payments (receipt, ticket, cents, currency) VALUES ($1, $2, $3, 'EUR')";
            self.ask(sql, &values)?;
        } else {
            self.ask("INSERT INTO payments (receipt, ticket, cents) VALUES ($1, $2, $3)", &values)?;
        }
        Ok(())
    }

    /// Payments above that many hundredths, by receipt.
    pub fn payments(&mut self, above: u64) -> Result<Vec<Payment>, Trouble> {
        let scale = self.dialect.money_scale();
        let sql = "SELECT receipt, cents FROM payments WHERE cents > $1 ORDER BY receipt";
        let rows = self.ask(sql, &[(above * scale).into()])?;
        Ok(rows.iter().map(|row| Payment { receipt: row.text(0), cents: row.number(1) / scale }).collect())
    }
}
