//! What customers have picked.

use super::Shop;
use crate::database::{Row, Trouble};

/// So many of a product.
#[derive(Debug, Clone)]
pub struct Line {
    /// The product's number.
    pub product: u64,
    /// How many.
    pub quantity: u64,
    /// What it is called.
    pub name: String,
    /// What one costs, in hundredths.
    pub cents: u64,
}

impl Shop<'_> {
    /// What that customer has picked, in the order in which it was picked.
    pub fn basket(&mut self, customer: &str) -> Result<Vec<Line>, Trouble> {
        let sql = "SELECT baskets.item, baskets.quantity, items.name, items.cents FROM baskets \
                   JOIN items ON items.id = baskets.item WHERE baskets.customer = $1 ORDER BY baskets.line";
        Ok(self.ask(sql, &[customer.into()])?.iter().map(line).collect())
    }

    /// Picks so many more of a product.
    pub fn pick(&mut self, customer: &str, product: u64, quantity: u64) -> Result<(), Trouble> {
        let more = "UPDATE baskets SET quantity = quantity + $1 WHERE customer = $2 AND item = $3 RETURNING line";
        if self.first(more, &[quantity.into(), customer.into(), product.into()])?.is_some() {
            return Ok(());
        }
        let line = "SELECT coalesce(max(line), 0) + 1 FROM baskets WHERE customer = $1";
        let line = self.first(line, &[customer.into()])?.map_or(1, |row| row.number(0));
        let add = "INSERT INTO baskets (customer, item, quantity, line) VALUES ($1, $2, $3, $4)";
        self.ask(add, &[customer.into(), product.into(), quantity.into(), line.into()])?;
        Ok(())
    }

    /// Empties the basket, and gives what was in it.
    pub fn empty_basket(&mut self, customer: &str) -> Result<Vec<Line>, Trouble> {
        let lines = self.basket(customer)?;
        self.ask("DELETE FROM baskets WHERE customer = $1", &[customer.into()])?;
        Ok(lines)
    }
}

pub(super) fn line(row: &Row) -> Line {
    Line { product: row.number(0), quantity: row.number(1), name: row.text(2), cents: row.number(3) }
}
