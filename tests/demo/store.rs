//! What the shop remembers: one JSON file in a folder, read for each request and written whole by each that changes it, so that
//! a restart, and a second process on the same folder, find all of it. Its main type is [`Store`].

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The shop's folder.
#[derive(Debug)]
pub struct Store {
    file: PathBuf,
    lock: PathBuf,
}

impl Store {
    /// The store in that folder, seeded where it holds nothing yet.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let store = Self { file: folder.join("shop.json"), lock: folder.join("shop.lock") };
        if !store.file.exists() {
            store.save(&crate::seed::shop())?;
        }
        Ok(store)
    }

    /// All that is remembered.
    pub fn read(&self) -> io::Result<Shop> {
        Ok(serde_json::from_slice(&fs::read(&self.file)?)?)
    }

    /// Changes what is remembered, alone; a change that fails leaves all as it was.
    pub fn change<T, E: From<io::Error>>(&self, change: impl FnOnce(&mut Shop) -> Result<T, E>) -> Result<T, E> {
        let lock = File::create(&self.lock)?;
        lock.lock()?;
        let mut shop = self.read()?;
        let result = change(&mut shop)?;
        self.save(&shop)?;
        Ok(result)
    }

    fn save(&self, shop: &Shop) -> io::Result<()> {
        let fresh = self.file.with_extension(format!("{}.tmp", crate::random::bits()));
        fs::write(&fresh, serde_json::to_vec_pretty(shop)?)?;
        fs::rename(&fresh, &self.file)
    }
}

/// All that is remembered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Shop {
    /// What is for sale.
    pub products: Vec<Product>,
    /// In the order in which they were placed.
    pub orders: Vec<Order>,
    /// The next order's number.
    pub next_number: u64,
    /// By customer.
    pub carts: BTreeMap<String, Vec<Line>>,
    /// CSRF tokens of login pages, by the visitor's cookie.
    pub visits: BTreeMap<String, String>,
    /// By session cookie.
    pub sessions: BTreeMap<String, Session>,
    /// Customers by bearer token.
    pub tokens: BTreeMap<String, String>,
}

impl Shop {
    /// The product of that id.
    pub fn product(&self, id: u64) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }
}

/// Something for sale.
#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// So many of a product.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// The product's number.
    pub product: u64,
    /// How many.
    pub quantity: u64,
}

/// What somebody bought.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// What was bought.
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

/// Somebody who logged in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// Who.
    pub customer: String,
    /// The token of the forms on this session's pages.
    pub csrf: String,
}
