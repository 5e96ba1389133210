//! What a customer has picked: `GET /cart`, `POST /cart`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::{App, Failure};
use crate::ask::{self, Ask};
use crate::shelves::price;
use crate::store::{Line, Shop};
use crate::{clock, random};

/// `GET /cart`
pub async fn show(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let shop = app.store.read()?;
    let customer = ask.customer(&app, &shop)?;
    Ok(app.json(StatusCode::OK, cart(&app, &shop, &customer)))
}

/// `POST /cart` with `{"product": 3, "quantity": 2}`
pub async fn add(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let refused = |code: &str, message: &str| app.fail(StatusCode::UNPROCESSABLE_ENTITY, code, message);
    let product = ask::number(&wish["product"]).ok_or_else(|| refused("no_product", "say which product"))?;
    let quantity = ask::number(&wish["quantity"]).unwrap_or(1);
    let body = app.store.change(|shop| {
        let customer = ask.customer(&app, shop)?;
        if shop.product(product).is_none() {
            return Err(refused("no_such_product", "there is no such product"));
        }
        let lines = shop.carts.entry(customer.clone()).or_default();
        match lines.iter_mut().find(|line| line.product == product) {
            Some(line) => line.quantity += quantity,
            None => lines.push(Line { product, quantity }),
        }
        Ok(cart(&app, shop, &customer))
    })?;
    Ok(app.json(StatusCode::OK, body))
}

/// What these lines cost, in hundredths.
pub fn cost(shop: &Shop, lines: &[Line]) -> u64 {
    lines.iter().map(|line| shop.product(line.product).map_or(0, |product| product.cents) * line.quantity).sum()
}

/// Lines as replies show them.
pub fn lines(shop: &Shop, lines: &[Line]) -> Vec<Value> {
    lines
        .iter()
        .filter_map(|line| shop.product(line.product).map(|product| (line, product)))
        .map(|(line, product)| {
            json!({ "product": line.product, "name": product.name, "quantity": line.quantity, "price": price(product.cents) })
        })
        .collect()
}

fn cart(app: &App, shop: &Shop, customer: &str) -> Value {
    let picked = shop.carts.get(customer).map(Vec::as_slice).unwrap_or_default();
    json!({
        "customer": customer,
        "items": lines(shop, picked),
        "total": price(cost(shop, picked)),
        "currency": "EUR",
        "updated_at": clock::millis(clock::now_ms(), app.dialect.zone()),
        "draft": random::token(random::BASE32, 26),
    })
}
