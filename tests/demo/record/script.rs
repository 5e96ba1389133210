//! What the shop's clients do: four users, one after the other. Each generation's clients use what their own server offers, so
//! the script asks the dialect wherever the two part.

use std::io;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::client::Client;
use super::har::{Entry, Reply};
use crate::dialect::Dialect;

/// Runs all of it, or only what any fault could be about.
pub async fn run(dialect: Dialect, short: bool, address: SocketAddr) -> io::Result<Vec<Entry>> {
    let mut entries = visitor(dialect, short, Client::browser(address, 1).await?).await?;
    entries.extend(shopper(short, Client::browser(address, 2).await?).await?);
    entries.extend(buyer(dialect, short, Client::program(address, 3).await?).await?);
    entries.extend(fumbler(short, Client::program(address, 4).await?).await?);
    Ok(entries)
}

/// Looks around without saying who they are.
async fn visitor(dialect: Dialect, short: bool, mut client: Client) -> io::Result<Vec<Entry>> {
    if !short {
        client.get("/").await?;
        client.get_with("/static/shop.css", "Sec-Fetch-Dest", "style").await?;
        client.get("/stats").await?;
    }
    if !short || dialect.is_about(&["envelope", "id-type"]) {
        client.get("/products").await?;
    }
    if dialect.knows_backorder() {
        client.get("/products?availability=backordered").await?;
    }
    let product = client.get("/products/3").await?;
    if !short {
        let tag = product.header("etag").unwrap_or_default().to_owned();
        client.get_with("/products/3", "If-None-Match", &tag).await?;
        client.get("/search?q=tea&limit=2").await?;
    }
    if !short || dialect.is_about(&["default-changed"]) {
        client.get("/search?q=tea").await?;
    }
    if dialect.quotes_by_post() {
        client.json("POST", "/quote", &json!({ "product": 3, "quantity": 2 })).await?;
    } else if !short {
        client.get("/quote?product=3&quantity=2").await?;
    }
    if dialect.is_old() {
        client.get("/v2/stock").await?;
    }
    if dialect.serves_reviews() {
        client.json("POST", "/api/v2/reviews", &json!({ "product": 3, "stars": 5 })).await?;
    }
    Ok(client.entries)
}

/// Logs in by form and out again.
async fn shopper(short: bool, mut client: Client) -> io::Result<Vec<Entry>> {
    let page = client.get("/login").await?;
    client.form("/login", &[("csrf", csrf(&page)), ("customer", "ada")]).await?;
    if !short {
        let page = client.get("/account").await?;
        client.json("POST", "/cart", &json!({ "product": 4, "quantity": 1 })).await?;
        client.get("/cart").await?;
        client.form("/logout", &[("csrf", csrf(&page))]).await?;
        client.get("/account").await?;
    }
    Ok(client.entries)
}

/// Buys by program.
async fn buyer(dialect: Dialect, short: bool, mut client: Client) -> io::Result<Vec<Entry>> {
    let token = client.json("POST", "/tokens", &json!({ "customer": "grace" })).await?;
    client.bearer = Some(text(&token, "token"));
    if !short || dialect.is_about(&["flag-reused", "required-added"]) {
        estimates(dialect, &mut client).await?;
    }
    if !short || dialect.is_about(&["field-renamed", "date-format"]) {
        orders(dialect, short, &mut client).await?;
    }
    if !short || dialect.is_about(&["strict-reader"]) {
        let mut message = json!({ "subject": "parcel", "text": "Is it on its way?" });
        if dialect.sends_further_field() {
            message["locale"] = json!("en");
        }
        client.json("POST", "/messages", &message).await?;
    }
    Ok(client.entries)
}

async fn estimates(dialect: Dialect, client: &mut Client) -> io::Result<()> {
    let mut parcel = json!({ "delivery": "courier" });
    if dialect.asks_postcode() {
        parcel["postcode"] = json!("LS1 4DY");
    }
    client.json("POST", "/estimates", &parcel).await?;
    if dialect.says_fast() {
        client.json("POST", "/estimates", &json!({ "delivery": "courier", "fast": true })).await?;
    }
    Ok(())
}

/// Creates, reads, changes, pays, lists by cursor, deletes, and finds it gone.
async fn orders(dialect: Dialect, short: bool, client: &mut Client) -> io::Result<()> {
    client.json("POST", "/cart", &json!({ "product": 3, "quantity": 2 })).await?;
    if !short {
        client.json("POST", "/cart", &json!({ "product": 1 })).await?;
        client.get("/cart").await?;
    }
    let order = client.json("POST", "/orders", &json!({ "note": "ring twice" })).await?;
    let target = format!("/orders/{}", text(&order, "id"));
    client.get(&target).await?;
    client.get(&format!("/shipments/{}", text(&order, dialect.tracking_field()))).await?;
    if !short {
        client.json("PATCH", &target, &json!({ "note": "leave it at the green door" })).await?;
        client.json("POST", &format!("{target}/pay"), &json!({ "method": "card" })).await?;
        client.json("POST", &format!("{target}/pay"), &json!({ "method": "card" })).await?;
        let first = client.get("/orders?limit=2").await?;
        client.get(&text(&first, "next")).await?;
        client.delete(&target).await?;
        client.get(&target).await?;
    }
    Ok(())
}

/// Makes mistakes.
async fn fumbler(short: bool, mut client: Client) -> io::Result<Vec<Entry>> {
    client.get("/products/99").await?;
    if !short {
        client.get("/cart").await?;
        let token = client.json("POST", "/tokens", &json!({ "customer": "edsger" })).await?;
        client.bearer = Some(text(&token, "token"));
        client.json("POST", "/cart", &json!({ "product": 99 })).await?;
        client.json("POST", "/orders", &json!({})).await?;
        client.get("/orders?cursor=nonsense").await?;
        client.get("/search").await?;
    }
    Ok(client.entries)
}

/// The token of the page's form.
pub(super) fn csrf(page: &Reply) -> &str {
    let (_, rest) = page.body.split_once("name=\"csrf\" value=\"").unwrap_or_default();
    rest.split('"').next().unwrap_or_default()
}

/// A text of the reply's JSON.
pub(super) fn text(reply: &Reply, field: &str) -> String {
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    body[field].as_str().unwrap_or_default().to_owned()
}
