//! What is worked out once and kept in the shared cache: `GET /bestsellers`, `GET /card`, `GET /catalogue`; what makes it work it out
//! again: `POST /views`; and commands and jobs: `POST /commands`, `POST /jobs`, `POST /jobs/next`.

use std::io::{Read, Write};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::app::{App, Failure, plain, set};
use crate::ask::Ask;
use crate::database::Trouble;
use crate::store::Product;

/// As many products sell best.
const BEST: usize = 3;
/// How a stored page is marked that is compressed.
const GZIP: &str = "gzip";

/// `GET /bestsellers`: of which there are few left.
pub async fn bestsellers(State(app): State<App>) -> Result<Response, Failure> {
    let ids = app.store.change(|shop| {
        if let Some((entry, _)) = shop.cached("bestsellers")? {
            return laid_out(&app, &entry);
        }
        let mut products = shop.products()?;
        products.sort_by_key(|product| (product.stock, product.id));
        let ids: Vec<u64> = products.iter().take(BEST).map(|product| product.id).collect();
        let entry = if app.dialect.caches_compactly() {
            ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
        } else {
            json!({ "ids": ids }).to_string()
        };
        shop.cache("bestsellers", &entry, "")?;
        Ok::<_, Trouble>(ids)
    })?;
    Ok(app.json(StatusCode::OK, json!({ "bestsellers": ids })))
}

/// The products in an entry of the cache, in any layout that this generation knows.
fn laid_out(app: &App, entry: &str) -> Result<Vec<u64>, Trouble> {
    if app.dialect.caches_compactly() && !entry.starts_with('{') {
        return Ok(entry.split(',').filter_map(|id| id.parse().ok()).collect());
    }
    let entry: Value = serde_json::from_str(entry).map_err(|error| Trouble::of(format!("a cache entry: {error}")))?;
    Ok(entry["ids"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect())
}

/// `POST /views` with `{"product": 3}`: somebody has looked at it, and who sells best has to be worked out again.
pub async fn view(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    ask.json(&app)?;
    app.store.change(|shop| shop.uncache("bestsellers"))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /card`: how the customer is addressed.
pub async fn card(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let field = app.dialect.name_in_cache();
    let name = app.store.change(|shop| {
        let customer = ask.customer(&app, shop)?;
        let key = format!("card:{customer}");
        if let Some((entry, _)) = shop.cached(&key)? {
            let entry: Value = serde_json::from_str(&entry).unwrap_or_default();
            let name = entry[field].as_str().map(str::to_owned);
            return Ok(name.ok_or_else(|| Trouble::of(format!("a cache entry has no {field}")))?);
        }
        let name = customer.chars().take(1).flat_map(char::to_uppercase).chain(customer.chars().skip(1)).collect();
        shop.cache(&key, &json!({ field: name }).to_string(), "")?;
        Ok::<String, Failure>(name)
    })?;
    Ok(app.json(StatusCode::OK, json!({ "greeting": format!("Dear {name}") })))
}

/// `GET /catalogue`: a long document, compressed for those who take it so.
pub async fn catalogue(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let (bytes, encoding) = app.store.change(|shop| {
        if let Some((entry, encoding)) = shop.cached("catalogue")? {
            let bytes = STANDARD.decode(entry).map_err(|error| Trouble::of(format!("a cache entry: {error}")))?;
            return Ok((bytes, encoding));
        }
        let shown = |product: &Product| json!({ "name": product.name, "cents": product.cents, "tags": product.tags });
        let text = Value::Array(shop.products()?.iter().map(shown).collect()).to_string().into_bytes();
        let (bytes, encoding) = if app.dialect.caches_compressed() { (compressed(&text), GZIP) } else { (text, "") };
        shop.cache("catalogue", &STANDARD.encode(&bytes), encoding)?;
        Ok::<_, Trouble>((bytes, encoding.to_owned()))
    })?;
    let is_marked = encoding == GZIP && app.dialect.caches_compressed();
    if !ask.header("accept-encoding").is_some_and(|value| value.contains(GZIP)) {
        let bytes = if is_marked { decompressed(&bytes) } else { bytes };
        return Ok(plain(StatusCode::OK, "application/json", bytes));
    }
    let bytes = if is_marked { bytes } else { compressed(&bytes) };
    let mut response = plain(StatusCode::OK, "application/json", bytes);
    set(response.headers_mut(), "content-encoding", GZIP);
    Ok(response)
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // A vector takes all of it.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// As much of it as can be made out.
pub fn decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let _ = GzDecoder::new(bytes).read_to_end(&mut text);
    text
}

/// `POST /commands` with `{"create": "shelf"}`: done, and done again at each start.
pub async fn command(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let mut command = json!({ "create": ask.json(&app)?["create"] });
    if app.dialect.logs_options() {
        command["options"] = json!({ "wide": true });
    }
    app.store.change(|shop| shop.command(&command))?;
    Ok(app.json(StatusCode::ACCEPTED, json!({ "created": command["create"] })))
}

/// `POST /jobs` with `{"letter": "…"}`
pub async fn queue(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let job = app.store.change(|shop| shop.queue("letters", &json!([wish["letter"]])))?;
    Ok(app.json(StatusCode::ACCEPTED, json!({ "job": job })))
}

/// `POST /jobs/next`: does the oldest.
pub async fn work(State(app): State<App>) -> Result<Response, Failure> {
    let arguments = app.store.change(|shop| shop.work("letters"))?;
    let letter = arguments.map(|arguments| arguments[0].clone());
    Ok(app.json(StatusCode::OK, json!({ "sent": letter })))
}
