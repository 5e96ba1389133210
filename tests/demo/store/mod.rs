//! What the shop remembers, in a database that several shops may share: nothing of it is kept in the process, so that a restart,
//! and a second process on the same database, find all of it. Its main types are [`Store`] and [`Shop`].

mod baskets;
mod cache;
mod items;
mod log;
mod orders;
mod people;
mod profiles;
mod seed;
mod till;

use std::sync::{Mutex, PoisonError};

use tokio::task::block_in_place;

pub use baskets::Line;
pub use items::Product;
pub use orders::Order;
pub use people::Session;
pub use profiles::Profile;
pub use till::Payment;

use crate::database::{self, Cell, Database, Row, Trouble};
use crate::dialect::Dialect;

/// The connection to the database.
pub struct Store {
    database: Mutex<Box<dyn Database>>,
    dialect: Dialect,
}

impl Store {
    /// The store at that place, a file or a PostgreSQL URL, seeded where it holds nothing yet.
    pub fn open(place: &str, dialect: Dialect) -> Result<Self, Trouble> {
        let mut database = database::open(place)?;
        if !database.has_table("counters")? {
            database.begin()?;
            // Another shop may have been faster.
            if !database.has_table("counters")? {
                seed::fill(database.as_mut(), dialect)?;
            }
            database.run("COMMIT")?;
        }
        Ok(Self { database: Mutex::new(database), dialect })
    }

    /// Looks something up.
    pub fn read<T, E>(&self, look: impl FnOnce(&mut Shop<'_>) -> Result<T, E>) -> Result<T, E> {
        self.with(look)
    }

    /// Changes what is remembered, alone; a change that fails leaves all as it was.
    pub fn change<T, E: From<Trouble>>(&self, change: impl FnOnce(&mut Shop<'_>) -> Result<T, E>) -> Result<T, E> {
        self.with(|shop| {
            shop.database.begin()?;
            let changed = change(shop);
            let end = if changed.is_ok() { "COMMIT" } else { "ROLLBACK" };
            let ended = shop.database.run(end);
            let value = changed?;
            ended?;
            Ok(value)
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Shop<'_>) -> T) -> T {
        // Whoever waits here waits for a database, and must not hold up who drives its connection.
        block_in_place(|| {
            let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut Shop { database: database.as_mut(), dialect: self.dialect })
        })
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Store").finish_non_exhaustive()
    }
}

/// All that is remembered, as that generation of the shop reads and writes it.
pub struct Shop<'d> {
    database: &'d mut dyn Database,
    dialect: Dialect,
}

impl Shop<'_> {
    fn ask(&mut self, sql: &str, values: &[Cell]) -> Result<Vec<Row>, Trouble> {
        self.database.ask(sql, values)
    }

    /// The first row, if there is one.
    fn first(&mut self, sql: &str, values: &[Cell]) -> Result<Option<Row>, Trouble> {
        Ok(self.ask(sql, values)?.into_iter().next())
    }

    /// The next number of that name.
    fn next(&mut self, counter: &str) -> Result<u64, Trouble> {
        let sql = "UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value - 1";
        Ok(self.first(sql, &[counter.into()])?.map_or(0, |row| row.number(0)))
    }
}
