//! What is for sale: the front page, the products, the search and the stock.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::{App, Failure, plain, set};
use crate::ask::Ask;
use crate::store::Product;
use crate::{clock, random};

const IN_STOCK: &str = "in-stock";
const SOLD_OUT: &str = "sold-out";

/// `GET /`
pub async fn home(State(app): State<App>) -> Result<Response, Failure> {
    let mut products = app.store.products()?;
    random::shuffle(&mut products);
    let items: Vec<String> = products
        .iter()
        .map(|product| format!("<li><a href=\"/products/{}\">{}</a></li>\n", product.id, product.name))
        .collect();
    let body = format!("<h1>Demo shop</h1>\n<ul>\n{}</ul>\n<p><a href=\"/login\">Log in</a></p>", items.concat());
    Ok(app.page("Demo shop", &body))
}

/// `GET /static/shop.css`
pub async fn stylesheet() -> Response {
    let mut response = plain(StatusCode::OK, "text/css", "body { font-family: sans-serif; max-width: 40em; }\n");
    set(response.headers_mut(), "cache-control", "public, max-age=3600");
    response
}

/// `GET /products?availability=…`: in any order; all of them, or those that can be had in that way.
pub async fn list(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wanted = ask.query.get("availability").map(String::as_str);
    let is_known = |wanted| wanted == IN_STOCK || wanted == sold(&app);
    if wanted.is_some_and(|wanted| !is_known(wanted) && wanted != SOLD_OUT) {
        return Err(app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_such_availability", "nothing is had in that way"));
    }
    let mut products = app.store.products()?;
    random::shuffle(&mut products);
    products.retain(|product| wanted.is_none_or(|wanted| availability(&app, product) == wanted));
    let items: Vec<Value> = products.iter().map(|product| listed(&app, product)).collect();
    let body = match ask.query.get("page").map(String::as_str) {
        _ if !app.dialect.wraps_products() => Value::Array(items),
        None | Some("1") => json!({ "items": items, "next": "/products?page=2" }),
        Some(_) => json!({ "items": [], "next": null }),
    };
    Ok(app.json(StatusCode::OK, body))
}

/// `GET /products/{id}`
pub async fn one(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let product = match id.parse() {
        Ok(id) => app.store.read(|shop| shop.product(id))?,
        Err(_) => None,
    };
    let product =
        product.ok_or_else(|| app.fail(StatusCode::NOT_FOUND, "no_such_product", "there is no such product"))?;
    let mut body = listed(&app, &product);
    body["barcode"] = json!(9_007_199_254_740_993 + product.id); // beyond what a float holds exactly
    body["stock"] = json!(product.stock);
    body["tags"] = json!(product.tags);
    body["viewed"] = json!(clock::now_ms() / 1000);
    if app.dialect.tells_legacy_code() {
        body["legacy_code"] = json!(format!("DS-{:04}", product.id));
    }
    if app.dialect.tells_origin() {
        body["origin"] = json!("Leeds");
    }
    let tag = entity_tag(&app, &format!("{product:?}"));
    let mut response = if ask.header("if-none-match") == Some(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        app.json(StatusCode::OK, body)
    };
    set(response.headers_mut(), "etag", &tag);
    set(response.headers_mut(), "cache-control", "private, no-cache");
    Ok(response)
}

/// `GET /search?q=…&limit=…`: a product matches where its name or a tag holds the text.
pub async fn search(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let text = ask.query.get("q").cloned().unwrap_or_default().to_lowercase();
    if text.is_empty() {
        return Err(app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_text", "say what to search for"));
    }
    let limit = ask.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(app.dialect.default_hits());
    let products = app.store.products()?;
    let found: Vec<&Product> = products
        .iter()
        .filter(|product| product.name.to_lowercase().contains(&text) || product.tags.contains(&text))
        .collect();
    let mut hits: Vec<Value> = found.iter().take(limit).map(|product| listed(&app, product)).collect();
    if app.dialect.shuffles_hits() {
        random::shuffle(&mut hits);
    }
    let took = random::below(9000) + 1000;
    let body = json!({ "query": text, "total": found.len(), "hits": hits, "took_us": took, "search": random::uuid() });
    Ok(app.json(StatusCode::OK, body))
}

/// `GET /v2/stock`
pub async fn stock(State(app): State<App>) -> Result<Response, Failure> {
    let products = app.store.products()?;
    let levels: Vec<Value> = products
        .iter()
        .map(|product| json!({ "sku": format!("P{:03}", product.id), "count": product.stock }))
        .collect();
    let counted = clock::seconds(clock::now_ms(), app.dialect.zone());
    Ok(app.json(StatusCode::OK, json!({ "warehouse": "north", "levels": levels, "counted_at": counted })))
}

/// A product as lists show it.
fn listed(app: &App, product: &Product) -> Value {
    let id = if app.dialect.ids_are_text() { json!(product.id.to_string()) } else { json!(product.id) };
    let availability = availability(app, product);
    json!({ "id": id, "name": product.name, "price": price(product.cents), "availability": availability })
}

/// How a product can be had.
fn availability(app: &App, product: &Product) -> &'static str {
    if product.stock == 0 { sold(app) } else { IN_STOCK }
}

/// What is said of a product of which there is none left.
fn sold(app: &App) -> &'static str {
    if app.dialect.knows_backorder() { "backordered" } else { SOLD_OUT }
}

/// Hundredths as a number of whole units.
pub fn price(cents: u64) -> Value {
    format!("{}.{:02}", cents / 100, cents % 100).parse::<f64>().map_or(Value::Null, Value::from)
}

/// The entity tag of that text.
pub fn entity_tag(app: &App, text: &str) -> String {
    let (start, prime) = app.dialect.entity_tags();
    let hash = text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(prime));
    format!("\"{hash:016x}\"")
}
