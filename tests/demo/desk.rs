//! The shop's desk: health, numbers about itself, quotes, estimates, messages, and what only some of its generations serve.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::{App, Failure};
use crate::ask::{self, Ask};
use crate::shelves::price;
use crate::{baskets, clock, random};

/// `GET /healthz`
pub async fn healthz(State(app): State<App>) -> Response {
    app.json(StatusCode::OK, json!({ "status": "ok", "at_ms": clock::now_ms() }))
}

/// `GET /stats`
pub async fn stats(State(app): State<App>) -> Result<Response, Failure> {
    let products = app.store.products()?.len();
    let body = json!({
        "name": "demo shop",
        "products": products,
        "currencies": ["EUR", "USD"],
        "open": true,
        "served": app.served(),
        "started_at": clock::millis(app.started, app.dialect.zone()),
        "uptime_us": (clock::now_ms() - app.started) * 1000 + random::below(1000),
    });
    Ok(app.json(StatusCode::OK, body))
}

/// `GET /quote?product=3&quantity=2`, or the same as a JSON body where it takes POST.
pub async fn quote(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = if app.dialect.quotes_by_post() { ask.json(&app)? } else { json!(ask.query) };
    let quantity = baskets::quantity(&app, &wish["quantity"])?;
    let product = match ask::number(&wish["product"]) {
        Some(id) => app.store.read(|shop| shop.product(id))?,
        None => None,
    };
    let product = product
        .ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_such_product", "there is no such product"))?;
    let until = clock::seconds(clock::now_ms() + 3_600_000, app.dialect.zone());
    let body = json!({
        "name": product.name,
        "quantity": quantity,
        "price": price(product.cents * quantity),
        "currency": "EUR",
        "valid_until": until,
        "quote": random::token(random::BASE32, 32),
    });
    Ok(app.json(StatusCode::OK, body))
}

/// `POST /estimates` with `{"delivery": "courier"}`
pub async fn estimate(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    if app.dialect.asks_postcode() && !wish["postcode"].is_string() {
        return Err(app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_postcode", "say where to"));
    }
    let asked = wish["delivery"].as_str().unwrap_or("parcel");
    let fast_lane = app.dialect.has_fast_lane() && wish["fast"] == Value::Bool(true);
    let delivery = if fast_lane { "counter" } else { asked };
    let body = json!({
        "delivery": delivery,
        "days": 2,
        "carriers": ["Moss and Sons"],
        "estimated_at": clock::millis(clock::now_ms(), app.dialect.zone()),
    });
    Ok(app.json(StatusCode::OK, body))
}

/// `POST /messages` with `{"subject": "…", "text": "…"}`
pub async fn message(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let message = ask.json(&app)?;
    let unknown = message.as_object().into_iter().flatten().any(|(name, _)| name != "subject" && name != "text");
    if app.dialect.refuses_unknown_fields() && unknown {
        return Err(app.fail(StatusCode::UNPROCESSABLE_ENTITY, "unknown_field", "a field is not known here"));
    }
    if message["text"].as_str().is_some_and(|text| text.chars().count() > app.dialect.longest_text()) {
        return Err(app.fail(StatusCode::UNPROCESSABLE_ENTITY, "too_long", "nobody would read that much"));
    }
    let body = json!({
        "subject": message["subject"],
        "state": "received",
        "ticket": random::token(random::BASE62, 22),
        "answer_by": clock::seconds(clock::now_ms() + 86_400_000, app.dialect.zone()),
    });
    Ok(app.json(StatusCode::ACCEPTED, body))
}

/// `POST /api/v2/reviews` with `{"product": 3, "stars": 5}`
pub async fn review(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let review = ask.json(&app)?;
    let body = json!({ "review": random::uuid(), "stars": review["stars"], "state": "published" });
    Ok(app.json(StatusCode::CREATED, body))
}

/// `GET /v3/wishes`: of which no client of OLD knows.
pub async fn wishes(State(app): State<App>) -> Response {
    app.json(StatusCode::OK, json!({ "wishes": [] }))
}
