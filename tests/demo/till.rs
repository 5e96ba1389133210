//! Paying by ticket, each once: `POST /tickets`, `POST /payments`, `GET /payments`; and who may: `PUT /password`, `POST /sign-in`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::{App, Failure};
use crate::ask::{self, Ask};
use crate::store::Payment;
use crate::{clock, passwords, random, tokens};

/// `POST /tickets`
pub async fn ticket(State(app): State<App>) -> Response {
    app.json(StatusCode::CREATED, json!({ "ticket": random::uuid() }))
}

/// `POST /payments` with `{"cents": 500}` and the ticket in `Idempotency-Key`
pub async fn pay(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let refused = |code: &str, message: &str| app.fail(StatusCode::UNPROCESSABLE_ENTITY, code, message);
    let cents = ask::number(&wish["cents"]).ok_or_else(|| refused("no_cents", "say how much"))?;
    let ticket = ask.header("idempotency-key").ok_or_else(|| refused("no_ticket", "send your ticket along"))?;
    app.store.change(|shop| shop.pay(ticket, &random::token(random::BASE32, 32), cents))?;
    Ok(app.json(StatusCode::ACCEPTED, json!({ "state": "accepted", "cents": cents })))
}

/// `GET /payments?above=…`
pub async fn payments(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let above = ask.query.get("above").and_then(|above| above.parse().ok()).unwrap_or(0);
    let payments = app.store.read(|shop| shop.payments(above))?;
    let shown = |payment: &Payment| json!({ "receipt": payment.receipt, "cents": payment.cents });
    Ok(app.json(StatusCode::OK, Value::Array(payments.iter().map(shown).collect())))
}

/// `PUT /password` with `{"customer": "ada", "password": "…"}`
pub async fn set_password(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let (customer, password) = credentials(&app, &wish)?;
    app.store.change(|shop| shop.keep_password(customer, &passwords::set(app.dialect, password)))?;
    Ok(app.json(StatusCode::OK, json!({ "customer": customer })))
}

/// `POST /sign-in` with the same
pub async fn sign_in(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let (customer, password) = credentials(&app, &wish)?;
    let token = tokens::web_token(app.dialect, customer, clock::now_ms());
    app.store.change(|shop| {
        let kept = shop.password(customer)?.unwrap_or_default();
        if !passwords::is(app.dialect, password, &kept) {
            return Err(app.fail(StatusCode::UNAUTHORIZED, "wrong_password", "that is not the password"));
        }
        if let Some(anew) = passwords::anew(app.dialect, password) {
            shop.keep_password(customer, &anew)?;
        }
        Ok(shop.give_token(&token, customer)?)
    })?;
    Ok(app.json(StatusCode::CREATED, json!({ "token": token, "customer": customer })))
}

fn credentials<'w>(app: &App, wish: &'w Value) -> Result<(&'w str, &'w str), Failure> {
    let both = wish["customer"].as_str().zip(wish["password"].as_str());
    both.ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_customer", "say who you are"))
}
