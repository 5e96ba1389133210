//! What a new shop holds: always the same, so that ids and dates in here are constants of the seed.

use crate::database::{Database, Trouble};
use crate::dialect::Dialect;
use crate::passwords;

/// The tables as OLD knows them.
const TABLES: &str = "
CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
CREATE TABLE items (id BIGINT PRIMARY KEY, name TEXT NOT NULL, cents BIGINT NOT NULL, stock BIGINT NOT NULL, tags TEXT NOT NULL);
CREATE TABLE baskets (customer TEXT NOT NULL, item BIGINT NOT NULL, quantity BIGINT NOT NULL, line BIGINT NOT NULL, PRIMARY KEY (customer, item));
CREATE TABLE orders (id TEXT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, customer TEXT NOT NULL, status TEXT NOT NULL, note TEXT NOT NULL, cents BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, tracking TEXT NOT NULL);
CREATE TABLE order_lines (order_id TEXT NOT NULL, line BIGINT NOT NULL, item BIGINT NOT NULL, quantity BIGINT NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE visits (id TEXT PRIMARY KEY, csrf TEXT NOT NULL);
CREATE TABLE sessions (id TEXT PRIMARY KEY, object TEXT NOT NULL);
CREATE TABLE tokens (token TEXT PRIMARY KEY, customer TEXT NOT NULL);
CREATE TABLE customers (name TEXT PRIMARY KEY, password TEXT NOT NULL);
CREATE TABLE profiles (customer TEXT PRIMARY KEY, document TEXT NOT NULL);
CREATE TABLE payments (receipt TEXT PRIMARY KEY, ticket TEXT NOT NULL, cents BIGINT NOT NULL);
CREATE TABLE locks (name TEXT PRIMARY KEY, holder TEXT NOT NULL);
CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT NOT NULL, encoding TEXT NOT NULL);
CREATE TABLE jobs (id BIGINT PRIMARY KEY, queue TEXT NOT NULL, arguments TEXT NOT NULL, done BIGINT NOT NULL);
CREATE TABLE log (id BIGINT PRIMARY KEY, command TEXT NOT NULL);
";

/// Rows that need no more than to be there.
const ROWS: &str = "
INSERT INTO counters VALUES ('schema', 1), ('order', 1004), ('job', 1), ('log', 2);
INSERT INTO locks VALUES ('till', '');
INSERT INTO payments VALUES ('A1', 't1', 500), ('A2', 't2', 1200), ('A3', 't3', 2500);
INSERT INTO log VALUES (1, '{\"create\":\"demo shop\"}');
INSERT INTO items VALUES
    (1, 'Teapot', 3490, 12, 'tea kitchen'),
    (2, 'Tea cosy', 1250, 40, 'tea wool'),
    (3, 'Tea strainer', 620, 75, 'tea steel'),
    (4, 'Mug', 899, 120, 'tea coffee'),
    (5, 'Tea caddy', 1575, 31, 'tea tin'),
    (6, 'Tea towel', 710, 64, 'tea linen'),
    (7, 'Kettle', 4999, 0, 'tea steel'),
    (8, 'Grinder', 5650, 9, 'coffee');
";

/// Orders: id, number, product and tracking code.
const ORDERS: [(&str, u64, u64, &str); 3] = [
    ("0b6f6b52-6f0a-4c4e-9d3b-1f6a7c1f0a01", 1001, 1, "Q7xT2mZp9Lk4Vb8Rn3Wd6Ys1"),
    ("5d0c1e0e-38b7-4b1c-8a55-7f0f3f9c2b02", 1002, 5, "h5Gc8Jw2Xe7Ka4Mv9Pt3Uq6B"),
    ("c2a9d7f4-91e6-4f83-b2c8-0d5e8a6b3c03", 1003, 8, "Nf3Zs6Dy1Hr9Cx5Lg8Ti2Ob7"),
];

/// Makes a shop of an empty database.
pub(super) fn fill(database: &mut dyn Database, dialect: Dialect) -> Result<(), Trouble> {
    database.run(&format!("{TABLES} {ROWS}"))?;
    let password = passwords::kept(1, "5a17", "seed");
    database.run(&format!("INSERT INTO customers VALUES ('ada', '{password}')"))?;
    let paid = dialect.stored_status("paid");
    for (id, number, product, tracking) in ORDERS {
        let cents = 1000 + product * 100;
        let placed = 1_767_225_600_000 + (number - 1000) * 86_400_000; // from 1 January 2026 on, a day apart
        database.run(&format!(
            "INSERT INTO orders VALUES ('{id}', {number}, 'grace', '{paid}', '', {cents}, {placed}, {placed}, '{tracking}');
             INSERT INTO order_lines VALUES ('{id}', 1, {product}, 1);"
        ))?;
    }
    Ok(())
}
