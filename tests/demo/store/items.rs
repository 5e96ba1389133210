//! What is for sale.

use super::{Shop, Store};
use crate::database::{Row, Trouble};

/// Something for sale.
#[derive(Debug, Clone)]
pub struct Product {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// In hundredths.
    pub cents: u64,
    /// How many there are.
    pub stock: u64,
    /// Words to find it by.
    pub tags: Vec<String>,
}

impl Store {
    /// All that is for sale, by number.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime, the closure of any")]
    pub fn products(&self) -> Result<Vec<Product>, Trouble> {
        self.read(|shop| shop.products())
    }
}

impl Shop<'_> {
    /// All of them, by number.
    pub fn products(&mut self) -> Result<Vec<Product>, Trouble> {
        let rows = self.ask("SELECT id, name, cents, stock, tags FROM items ORDER BY id", &[])?;
        Ok(rows.iter().map(product).collect())
    }

    /// The product of that number.
    pub fn product(&mut self, id: u64) -> Result<Option<Product>, Trouble> {
        let row = self.first("SELECT id, name, cents, stock, tags FROM items WHERE id = $1", &[id.into()])?;
        Ok(row.as_ref().map(product))
    }
}

fn product(row: &Row) -> Product {
    let tags = row.text(4).split(' ').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    Product { id: row.number(0), name: row.text(1), cents: row.number(2), stock: row.number(3), tags }
}
