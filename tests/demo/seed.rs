//! What a new shop holds: always the same, so that ids and dates in here are constants of the seed.

use std::collections::BTreeMap;

use crate::store::{Line, Order, Product, Shop};

/// A shop on its first day.
pub fn shop() -> Shop {
    Shop {
        products: vec![
            product(1, "Teapot", 3490, 12, &["tea", "kitchen"]),
            product(2, "Tea cosy", 1250, 40, &["tea", "wool"]),
            product(3, "Tea strainer", 620, 75, &["tea", "steel"]),
            product(4, "Mug", 899, 120, &["tea", "coffee"]),
            product(5, "Tea caddy", 1575, 31, &["tea", "tin"]),
            product(6, "Tea towel", 710, 64, &["tea", "linen"]),
            product(7, "Kettle", 4999, 0, &["tea", "steel"]),
            product(8, "Grinder", 5650, 9, &["coffee"]),
        ],
        orders: vec![
            order("0b6f6b52-6f0a-4c4e-9d3b-1f6a7c1f0a01", 1001, 1, "Q7xT2mZp9Lk4Vb8Rn3Wd6Ys1"),
            order("5d0c1e0e-38b7-4b1c-8a55-7f0f3f9c2b02", 1002, 5, "h5Gc8Jw2Xe7Ka4Mv9Pt3Uq6B"),
            order("c2a9d7f4-91e6-4f83-b2c8-0d5e8a6b3c03", 1003, 8, "Nf3Zs6Dy1Hr9Cx5Lg8Ti2Ob7"),
        ],
        next_number: 1004,
        carts: BTreeMap::new(),
        visits: BTreeMap::new(),
        sessions: BTreeMap::new(),
        tokens: BTreeMap::new(),
    }
}

fn product(id: u64, name: &str, cents: u64, stock: u64, tags: &[&str]) -> Product {
    Product { id, name: name.to_owned(), cents, stock, tags: tags.iter().map(|&tag| tag.to_owned()).collect() }
}

fn order(id: &str, number: u64, product: u64, tracking: &str) -> Order {
    let on = 1_767_225_600_000 + (number - 1000) * 86_400_000; // from 1 January 2026 on, a day apart
    Order {
        id: id.to_owned(),
        number,
        customer: "grace".to_owned(),
        status: "paid".to_owned(),
        note: String::new(),
        lines: vec![Line { product, quantity: 1 }],
        cents: 1000 + product * 100,
        created: on,
        updated: on,
        tracking: tracking.to_owned(),
    }
}
