//! What a customer has picked: `GET /cart`, `POST /cart`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::{App, Failure};
use crate::ask::{self, Ask};
use crate::shelves::price;
use crate::store::Line;
use crate::{clock, random};

/// The most of a product that anybody may want at once.
pub const MOST: u64 = 1000;

/// `GET /cart`
pub async fn show(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let body = app.store.read(|shop| {
        let customer = ask.customer(&app, shop)?;
        let picked = shop.basket(&customer)?;
        Ok::<_, Failure>(cart(&app, &customer, &picked))
    })?;
    Ok(app.json(StatusCode::OK, body))
}

/// `POST /cart` with `{"product": 3, "quantity": 2}`
pub async fn add(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let refused = |code: &str, message: &str| app.fail(StatusCode::UNPROCESSABLE_ENTITY, code, message);
    let product = ask::number(&wish["product"]).ok_or_else(|| refused("no_product", "say which product"))?;
    let quantity = quantity(&app, &wish["quantity"])?;
    let body = app.store.change(|shop| {
        let customer = ask.customer(&app, shop)?;
        if shop.product(product)?.is_none() {
            return Err(refused("no_such_product", "there is no such product"));
        }
        shop.pick(&customer, product, quantity)?;
        let picked = shop.basket(&customer)?;
        Ok(cart(&app, &customer, &picked))
    })?;
    Ok(app.json(StatusCode::OK, body))
}

/// How many are wanted, by the field of that value.
pub fn quantity(app: &App, wanted: &Value) -> Result<u64, Failure> {
    let quantity = if wanted.is_null() { Some(1) } else { ask::number(wanted) };
    quantity
        .filter(|quantity| (1..=MOST).contains(quantity))
        .ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_such_quantity", "nobody can have that many"))
}

/// What these lines cost, in hundredths.
pub fn cost(lines: &[Line]) -> u64 {
    lines.iter().map(|line| line.cents * line.quantity).sum()
}

/// Lines as replies show them.
pub fn lines(lines: &[Line]) -> Vec<Value> {
    let shown = |line: &Line| json!({ "product": line.product, "name": line.name, "quantity": line.quantity, "price": price(line.cents) });
    lines.iter().map(shown).collect()
}

fn cart(app: &App, customer: &str, picked: &[Line]) -> Value {
    json!({
        "customer": customer,
        "items": lines(picked),
        "total": price(cost(picked)),
        "currency": "EUR",
        "updated_at": clock::millis(clock::now_ms(), app.dialect.zone()),
        "draft": random::token(random::BASE32, 26),
    })
}
