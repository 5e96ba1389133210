//! What was bought: orders, their pages by cursor, and where the parcels are.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::app::{App, Failure, set};
use crate::ask::Ask;
use crate::shelves::price;
use crate::store::{Order, Shop};
use crate::{baskets, clock, random};

/// `POST /orders`: the cart becomes an order.
pub async fn place(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let (id, body) = app.store.change(|shop| {
        let customer = ask.customer(&app, shop)?;
        let lines = shop.carts.remove(&customer).unwrap_or_default();
        if lines.is_empty() {
            return Err(app.fail(StatusCode::UNPROCESSABLE_ENTITY, "empty_cart", "there is nothing in the cart"));
        }
        let now = clock::now_ms();
        let order = Order {
            id: random::uuid(),
            number: shop.next_number,
            customer,
            status: "open".to_owned(),
            note: wish["note"].as_str().unwrap_or_default().to_owned(),
            cents: baskets::cost(shop, &lines),
            lines,
            created: now,
            updated: now,
            tracking: random::token(random::BASE62, 24),
        };
        shop.next_number += 1;
        let body = whole(&app, &ask, shop, &order);
        shop.orders.push(order.clone());
        Ok((order.id, body))
    })?;
    let mut response = app.json(StatusCode::CREATED, body);
    set(response.headers_mut(), "location", &format!("/orders/{id}"));
    Ok(response)
}

/// `GET /orders/{id}`
pub async fn one(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let shop = app.store.read()?;
    let index = find(&app, &ask, &shop, &id)?;
    Ok(app.json(StatusCode::OK, whole(&app, &ask, &shop, &shop.orders[index])))
}

/// `GET /orders?limit=…&cursor=…`: the oldest first.
pub async fn list(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let shop = app.store.read()?;
    let customer = ask.customer(&app, &shop)?;
    let mine: Vec<&Order> = shop.orders.iter().filter(|order| order.customer == customer).collect();
    let limit: usize = ask.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
    let start = match ask.query.get("cursor") {
        None => 0,
        Some(cursor) => {
            let after = after(cursor).and_then(|id| mine.iter().position(|order| order.id == id));
            after.ok_or_else(|| app.fail(StatusCode::BAD_REQUEST, "bad_cursor", "the cursor is not one of ours"))? + 1
        }
    };
    let page: Vec<&Order> = mine.iter().skip(start).take(limit).copied().collect();
    let more = mine.len() > start + page.len();
    let next = page.last().filter(|_| more).map(|last| format!("/orders?limit={limit}&cursor={}", cursor(&last.id)));
    let items: Vec<Value> = page.iter().map(|order| listed(&app, order)).collect();
    Ok(app.json(StatusCode::OK, json!({ "items": items, "count": mine.len(), "next": next })))
}

/// `PATCH /orders/{id}` with `{"note": "…"}`
pub async fn mend(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let note = wish["note"].as_str();
    let note = note.ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_note", "say the new note"))?;
    let body = app.store.change(|shop| {
        let index = find(&app, &ask, shop, &id)?;
        note.clone_into(&mut shop.orders[index].note);
        shop.orders[index].updated = clock::now_ms();
        Ok::<_, Failure>(whole(&app, &ask, shop, &shop.orders[index]))
    })?;
    Ok(app.json(StatusCode::OK, body))
}

/// `POST /orders/{id}/pay` with `{"method": "card"}`
pub async fn pay(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let method = wish["method"].as_str().unwrap_or("invoice");
    let body = app.store.change(|shop| {
        let index = find(&app, &ask, shop, &id)?;
        let order = &mut shop.orders[index];
        if order.status == "paid" {
            return Err(app.fail(StatusCode::CONFLICT, "paid_already", "this order is paid already"));
        }
        "paid".clone_into(&mut order.status);
        order.updated = clock::now_ms();
        Ok(json!({
            "order": order.number,
            "status": order.status,
            "method": method,
            "amount": price(order.cents),
            "receipt": random::token(random::BASE32, 32),
            "paid_at": clock::millis(order.updated, app.dialect.zone()),
        }))
    })?;
    Ok(app.json(StatusCode::OK, body))
}

/// `DELETE /orders/{id}`
pub async fn cancel(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    app.store.change(|shop| {
        let index = find(&app, &ask, shop, &id)?;
        shop.orders.remove(index);
        Ok::<_, Failure>(())
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /shipments/{code}`
pub async fn shipment(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Failure> {
    let shop = app.store.read()?;
    let order = shop.orders.iter().find(|order| order.tracking == code);
    let order = order.ok_or_else(|| app.fail(StatusCode::NOT_FOUND, "no_such_parcel", "there is no such parcel"))?;
    let due = clock::seconds(order.created + 2 * 86_400_000, app.dialect.zone());
    Ok(app.json(
        StatusCode::OK,
        json!({ "order": order.number, "state": "packed", "carrier": "Moss and Sons", "due": due }),
    ))
}

fn find(app: &App, ask: &Ask, shop: &Shop, id: &str) -> Result<usize, Failure> {
    let customer = ask.customer(app, shop)?;
    let index = shop.orders.iter().position(|order| order.id == id && order.customer == customer);
    index.ok_or_else(|| app.fail(StatusCode::NOT_FOUND, "no_such_order", "there is no such order"))
}

fn listed(app: &App, order: &Order) -> Value {
    json!({
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "total": price(order.cents),
        "created_at": clock::seconds(order.created, app.dialect.zone()),
    })
}

fn whole(app: &App, ask: &Ask, shop: &Shop, order: &Order) -> Value {
    let host = ask.header("host").unwrap_or("localhost");
    let mut body = json!({
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "note": order.note,
        "lines": baskets::lines(shop, &order.lines),
        "total": price(order.cents),
        "currency": "EUR",
        "created_at": clock::seconds(order.created, app.dialect.zone()),
        "updated_at": clock::millis(order.updated, app.dialect.zone()),
        "placed": order.created / 1000,
        "pickup_code": random::token(random::DIGITS, 6),
        "self": format!("http://{host}/orders/{}", order.id),
    });
    body[app.dialect.tracking_field()] = json!(order.tracking);
    body
}

fn cursor(id: &str) -> String {
    let text = json!({ "after": id, "salt": random::token(random::HEX, 8) }).to_string();
    URL_SAFE_NO_PAD.encode(text)
}

fn after(cursor: &str) -> Option<String> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let cursor: Value = serde_json::from_slice(&text).ok()?;
    cursor["after"].as_str().map(str::to_owned)
}
