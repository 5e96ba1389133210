//! What was bought, for programs: `PlaceOrder`, `GetOrder` and `ListOrders`.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::baskets::lines;
use super::fields::{customer, made, stored};
use super::frames::{Incoming, Outgoing};
use super::status::Status;
use crate::app::App;
use crate::orders;
use crate::store::Order;

/// `PlaceOrder`
pub fn place(app: &App, gives: &MessageDescriptor, asked: &DynamicMessage) -> Result<DynamicMessage, Status> {
    let (customer, note) = (customer(asked)?, stored(asked, "note")?);
    let order = app.store.change(|shop| orders::buy(shop, &customer, &note))?;
    let why = "there is nothing in the basket";
    let order = order.ok_or_else(|| Status::failed_precondition("BASKET", &customer, why))?;
    Ok(shown(gives, order))
}

/// `GetOrder`
pub fn one(app: &App, gives: &MessageDescriptor, asked: &DynamicMessage) -> Result<DynamicMessage, Status> {
    let (customer, id) = (customer(asked)?, stored(asked, "id")?);
    let order = app.store.read(|shop| shop.order(&customer, &id))?;
    Ok(shown(gives, order.ok_or_else(|| Status::not_found("order", &id))?))
}

/// `ListOrders`
pub async fn list(
    app: &App,
    gives: &MessageDescriptor,
    incoming: &mut Incoming,
    outgoing: &mut Outgoing,
) -> Result<(), Status> {
    let customer = customer(&incoming.only().await?)?;
    // What was bought is not listed with each order, as on the pages.
    for order in app.store.read(|shop| shop.orders(&customer, 0, u64::MAX))? {
        outgoing.say(&shown(gives, order));
    }
    Ok(())
}

fn shown(gives: &MessageDescriptor, order: Order) -> DynamicMessage {
    made(
        gives,
        [
            ("lines", lines(gives, &order.lines)),
            ("id", Value::String(order.id)),
            ("number", Value::U64(order.number)),
            ("customer", Value::String(order.customer)),
            ("status", Value::String(order.status)),
            ("note", Value::String(order.note)),
            ("total", Value::U64(order.cents)),
            ("created", Value::U64(order.created)),
            ("tracking", Value::String(order.tracking)),
        ],
    )
}
