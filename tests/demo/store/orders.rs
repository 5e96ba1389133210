//! What was bought.

use super::baskets::line;
use super::{Line, Shop};
use crate::database::{Cell, Row, Trouble};

/// What somebody bought.
#[derive(Debug, Clone)]
pub struct Order {
    /// A UUID.
    pub id: String,
    /// The number that people say.
    pub number: u64,
    /// Who bought.
    pub customer: String,
    /// `open` or `paid`.
    pub status: String,
    /// What the customer wants the carrier to know.
    pub note: String,
    /// What was bought; left out where orders are listed.
    pub lines: Vec<Line>,
    /// In hundredths.
    pub cents: u64,
    /// Milliseconds since 1970.
    pub created: u64,
    /// Milliseconds since 1970.
    pub updated: u64,
    /// The carrier's name for it.
    pub tracking: String,
}

impl Shop<'_> {
    /// A customer's orders after that number, oldest first, so many at the most.
    pub fn orders(&mut self, customer: &str, after: u64, most: u64) -> Result<Vec<Order>, Trouble> {
        let sql = self.selected("customer = $1 AND number > $2 ORDER BY number LIMIT $3");
        let rows = self.ask(&sql, &[customer.into(), after.into(), most.into()])?;
        Ok(rows.iter().map(|row| self.told(row)).collect())
    }

    /// How many orders a customer has.
    pub fn count_orders(&mut self, customer: &str) -> Result<u64, Trouble> {
        let row = self.first("SELECT count(*) FROM orders WHERE customer = $1", &[customer.into()])?;
        Ok(row.map_or(0, |row| row.number(0)))
    }

    /// A customer's order of that id, with what was bought.
    pub fn order(&mut self, customer: &str, id: &str) -> Result<Option<Order>, Trouble> {
        let sql = self.selected("customer = $1 AND id = $2");
        let row = self.first(&sql, &[customer.into(), id.into()])?;
        let Some(mut order) = row.map(|row| self.told(&row)) else { return Ok(None) };
        let lines = "SELECT order_lines.item, order_lines.quantity, items.name, items.cents FROM order_lines \
                     JOIN items ON items.id = order_lines.item WHERE order_lines.order_id = $1 ORDER BY order_lines.line";
        order.lines = self.ask(lines, &[id.into()])?.iter().map(line).collect();
        Ok(Some(order))
    }

    /// Whoever's order has that tracking code.
    pub fn parcel(&mut self, tracking: &str) -> Result<Option<Order>, Trouble> {
        let sql = self.selected("tracking = $1");
        Ok(self.first(&sql, &[tracking.into()])?.map(|row| self.told(&row)))
    }

    /// The next order's number.
    pub fn next_order(&mut self) -> Result<u64, Trouble> {
        self.next("order")
    }

    /// Writes a new order down.
    pub fn place(&mut self, order: &Order) -> Result<(), Trouble> {
        let note = self.dialect.note_column();
        let sql = format!(
            "INSERT INTO orders (id, number, customer, status, {note}, cents, created, updated, tracking) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        );
        let id = &order.id;
        self.ask(
            &sql,
            &[
                id.into(),
                order.number.into(),
                (&order.customer).into(),
                self.dialect.stored_status(&order.status).into(),
                (&order.note).into(),
                order.cents.into(),
                order.created.into(),
                order.updated.into(),
                (&order.tracking).into(),
            ],
        )?;
        self.remark(order)?;
        for (line, number) in order.lines.iter().zip(1_u64..) {
            let sql = "INSERT INTO order_lines (order_id, line, item, quantity) VALUES ($1, $2, $3, $4)";
            self.ask(sql, &[id.into(), number.into(), line.product.into(), line.quantity.into()])?;
        }
        Ok(())
    }

    /// Writes down what of an order can change.
    pub fn keep(&mut self, order: &Order) -> Result<(), Trouble> {
        let sql =
            format!("UPDATE orders SET status = $1, {} = $2, updated = $3 WHERE id = $4", self.dialect.note_column());
        let status = self.dialect.stored_status(&order.status);
        let values: [Cell; 4] = [status.into(), (&order.note).into(), order.updated.into(), (&order.id).into()];
        self.ask(&sql, &values)?;
        self.remark(order)
    }

    /// Writes the note into its new column too, where there are both.
    fn remark(&mut self, order: &Order) -> Result<(), Trouble> {
        if self.dialect.writes_remarks_too() {
            let sql = "UPDATE orders SET remark = $1 WHERE id = $2";
            self.ask(sql, &[(&order.note).into(), (&order.id).into()])?;
        }
        Ok(())
    }

    /// Takes an order away.
    pub fn forget(&mut self, id: &str) -> Result<(), Trouble> {
        self.ask("DELETE FROM order_lines WHERE order_id = $1", &[id.into()])?;
        self.ask("DELETE FROM orders WHERE id = $1", &[id.into()])?;
        Ok(())
    }

    /// A customer's orders of that status, oldest first.
    pub fn orders_of_status(&mut self, customer: &str, status: &str) -> Result<Vec<Order>, Trouble> {
        let sql = self.selected("customer = $1 AND status = $2 ORDER BY number");
        let status = self.dialect.stored_status(status);
        let rows = self.ask(&sql, &[customer.into(), status.into()])?;
        Ok(rows.iter().map(|row| self.told(row)).collect())
    }

    fn selected(&self, which: &str) -> String {
        let note = self.dialect.note_column();
        format!(
            "SELECT id, number, customer, status, {note}, cents, created, updated, tracking FROM orders WHERE {which}"
        )
    }

    fn told(&self, row: &Row) -> Order {
        Order {
            id: row.text(0),
            number: row.number(1),
            customer: row.text(2),
            status: self.dialect.told_status(&row.text(3)),
            note: row.text(4),
            lines: Vec::new(),
            cents: row.number(5),
            created: row.number(6),
            updated: row.number(7),
            tracking: row.text(8),
        }
    }
}
