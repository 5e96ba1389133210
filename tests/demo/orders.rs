//! What was bought: orders, their pages by cursor, and where the parcels are.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::app::{App, Failure, set};
use crate::ask::Ask;
use crate::database::Trouble;
use crate::dialect::Cursor;
use crate::shelves::price;
use crate::store::{Order, Shop};
use crate::{baskets, clock, random};

/// `POST /orders`: the cart becomes an order.
pub async fn place(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let note = wish["note"].as_str().unwrap_or_default();
    let order = app.store.change(|shop| {
        let customer = ask.customer(&app, shop)?;
        let order = buy(shop, &customer, note)?;
        order.ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "empty_cart", "there is nothing in the cart"))
    })?;
    let mut response = app.json(StatusCode::CREATED, whole(&app, &ask, &order));
    set(response.headers_mut(), "location", &format!("/orders/{}", order.id));
    Ok(response)
}

/// What is in the customer's basket becomes an order, if there is anything in it.
pub fn buy(shop: &mut Shop<'_>, customer: &str, note: &str) -> Result<Option<Order>, Trouble> {
    let lines = shop.empty_basket(customer)?;
    if lines.is_empty() {
        return Ok(None);
    }
    let now = clock::now_ms();
    let order = Order {
        id: random::uuid(),
        number: shop.next_order()?,
        customer: customer.to_owned(),
        status: "open".to_owned(),
        note: note.to_owned(),
        cents: baskets::cost(&lines),
        lines,
        created: now,
        updated: now,
        tracking: random::token(random::BASE62, 24),
    };
    shop.place(&order)?;
    Ok(Some(order))
}

/// `GET /orders/{id}`
pub async fn one(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let order = app.store.read(|shop| find(&app, &ask, shop, &id))?;
    Ok(app.json(StatusCode::OK, whole(&app, &ask, &order)))
}

/// `GET /orders?limit=…&cursor=…`: the oldest first.
pub async fn list(State(app): State<App>, ask: Ask) -> Result<Response, Failure> {
    let limit: u64 = ask.query.get("limit").and_then(|limit| limit.parse().ok()).unwrap_or(10);
    let (page, more, count) = app.store.read(|shop| {
        let customer = ask.customer(&app, shop)?;
        let start = match ask.query.get("cursor") {
            None => 0,
            Some(cursor) => after(&app, shop, &customer, cursor)?,
        };
        // One more tells whether there is another page.
        let mut page = shop.orders(&customer, start, limit.saturating_add(1))?;
        let more = page.len() as u64 > limit;
        page.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok::<_, Failure>((page, more, shop.count_orders(&customer)?))
    })?;
    let next = page.last().filter(|_| more).map(|last| format!("/orders?limit={limit}&cursor={}", cursor(&app, last)));
    let items: Vec<Value> = page.iter().map(|order| listed(&app, order)).collect();
    Ok(app.json(StatusCode::OK, json!({ "items": items, "count": count, "next": next })))
}

/// `GET /orders/by-status/{status}`: the oldest first.
pub async fn by_status(State(app): State<App>, Path(status): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let orders = app.store.read(|shop| {
        let customer = ask.customer(&app, shop)?;
        Ok::<_, Failure>(shop.orders_of_status(&customer, &status)?)
    })?;
    let items: Vec<Value> = orders.iter().map(|order| listed(&app, order)).collect();
    Ok(app.json(StatusCode::OK, Value::Array(items)))
}

/// `PATCH /orders/{id}` with `{"note": "…"}`
pub async fn mend(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let note = wish["note"].as_str();
    let note = note.ok_or_else(|| app.fail(StatusCode::UNPROCESSABLE_ENTITY, "no_note", "say the new note"))?;
    let order = app.store.change(|shop| {
        let mut order = find(&app, &ask, shop, &id)?;
        note.clone_into(&mut order.note);
        order.updated = clock::now_ms();
        shop.keep(&order)?;
        Ok::<_, Failure>(order)
    })?;
    Ok(app.json(StatusCode::OK, whole(&app, &ask, &order)))
}

/// `POST /orders/{id}/pay` with `{"method": "card"}`
pub async fn pay(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    let wish = ask.json(&app)?;
    let method = wish["method"].as_str().unwrap_or("invoice");
    let order = app.store.change(|shop| {
        let mut order = find(&app, &ask, shop, &id)?;
        if order.status == "paid" {
            return Err(app.fail(StatusCode::CONFLICT, "paid_already", "this order is paid already"));
        }
        "paid".clone_into(&mut order.status);
        order.updated = clock::now_ms();
        shop.keep(&order)?;
        Ok(order)
    })?;
    let body = json!({
        "order": order.number,
        "status": order.status,
        "method": method,
        "amount": price(order.cents),
        "receipt": random::token(random::BASE32, 32),
        "paid_at": clock::millis(order.updated, app.dialect.zone()),
    });
    Ok(app.json(StatusCode::OK, body))
}

/// `DELETE /orders/{id}`
pub async fn cancel(State(app): State<App>, Path(id): Path<String>, ask: Ask) -> Result<Response, Failure> {
    app.store.change(|shop| {
        let order = find(&app, &ask, shop, &id)?;
        Ok::<_, Failure>(shop.forget(&order.id)?)
    })?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `GET /shipments/{code}`
pub async fn shipment(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Failure> {
    let order = app.store.read(|shop| shop.parcel(&code))?;
    let order = order.ok_or_else(|| app.fail(StatusCode::NOT_FOUND, "no_such_parcel", "there is no such parcel"))?;
    let due = clock::seconds(order.created + 2 * 86_400_000, app.dialect.zone());
    Ok(app.json(
        StatusCode::OK,
        json!({ "order": order.number, "state": "packed", "carrier": "Moss and Sons", "due": due }),
    ))
}

fn find(app: &App, ask: &Ask, shop: &mut Shop<'_>, id: &str) -> Result<Order, Failure> {
    let customer = ask.customer(app, shop)?;
    let order = shop.order(&customer, id)?;
    order.ok_or_else(|| app.fail(StatusCode::NOT_FOUND, "no_such_order", "there is no such order"))
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

fn whole(app: &App, ask: &Ask, order: &Order) -> Value {
    let host = ask.header("host").unwrap_or("localhost");
    let mut body = json!({
        "id": order.id,
        "number": order.number,
        "status": order.status,
        "note": order.note,
        "lines": baskets::lines(&order.lines),
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

/// Where the page after that order begins, in this generation's form.
fn cursor(app: &App, last: &Order) -> String {
    let salt = random::token(random::HEX, 8);
    let text = match app.dialect.cursors() {
        Cursor::Id => json!({ "after": last.id, "salt": salt }),
        Cursor::Column => json!({ "column": "number", "after": last.number, "salt": salt }),
        Cursor::Keys => json!({ "keys": [last.number], "salt": salt }),
    };
    URL_SAFE_NO_PAD.encode(text.to_string())
}

/// The number of the order that a cursor names.
fn after(app: &App, shop: &mut Shop<'_>, customer: &str, cursor: &str) -> Result<u64, Failure> {
    let refused = || app.fail(StatusCode::BAD_REQUEST, "bad_cursor", "the cursor is not one of ours");
    let text = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
    let cursor: Value = serde_json::from_slice(&text).map_err(|_| refused())?;
    match app.dialect.cursors() {
        Cursor::Id => {
            let order = cursor["after"].as_str().map(|id| shop.order(customer, id)).transpose()?.flatten();
            Ok(order.ok_or_else(refused)?.number)
        }
        // What is not there is taken for the beginning.
        Cursor::Column => Ok(cursor["after"].as_u64().unwrap_or(0)),
        Cursor::Keys => Ok(cursor["keys"][0].as_u64().unwrap_or(0)),
    }
}
