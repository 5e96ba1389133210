//! What customers pick, for programs: `AddToBasket` and `FillBasket`.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::fields::{all, customer, made, number, quantity};
use super::frames::Incoming;
use super::status::Status;
use crate::app::App;
use crate::baskets;
use crate::store::{Line, Shop};

/// `AddToBasket`
pub fn add(app: &App, gives: &MessageDescriptor, asked: &DynamicMessage) -> Result<DynamicMessage, Status> {
    let customer = customer(asked)?;
    let lines = app.store.change(|shop| {
        pick(shop, &customer, asked)?;
        Ok::<_, Status>(shop.basket(&customer)?)
    })?;
    Ok(shown(gives, customer, &lines))
}

/// `FillBasket`: all of it or nothing.
pub async fn fill(app: &App, gives: &MessageDescriptor, incoming: &mut Incoming) -> Result<DynamicMessage, Status> {
    let mut picks = Vec::new();
    while let Some(pick) = incoming.next().await? {
        picks.push(pick);
    }
    let first = picks.first().ok_or_else(|| Status::invalid_argument("customer", "say who you are"))?;
    let whose = customer(first)?;
    let lines = app.store.change(|shop| {
        for asked in &picks {
            if customer(asked)? != whose {
                return Err(Status::invalid_argument("customer", "a basket is one customer's"));
            }
            pick(shop, &whose, asked)?;
        }
        Ok(shop.basket(&whose)?)
    })?;
    Ok(shown(gives, whose, &lines))
}

/// Lines, as the field `lines` of that message.
pub fn lines(of: &MessageDescriptor, lines: &[Line]) -> Value {
    all(of, "lines", lines, |_, line| {
        [
            ("product", Value::U64(line.product)),
            ("name", Value::String(line.name.clone())),
            ("quantity", Value::U64(line.quantity)),
            ("cents", Value::U64(line.cents)),
        ]
    })
}

fn pick(shop: &mut Shop<'_>, customer: &str, asked: &DynamicMessage) -> Result<(), Status> {
    let (product, quantity) = (number(asked, "product"), quantity(asked)?);
    if shop.product(product)?.is_none() {
        return Err(Status::not_found("product", &product.to_string()));
    }
    Ok(shop.pick(customer, product, quantity)?)
}

fn shown(gives: &MessageDescriptor, customer: String, picked: &[Line]) -> DynamicMessage {
    let total = Value::U64(baskets::cost(picked));
    made(gives, [("customer", Value::String(customer)), ("lines", lines(gives, picked)), ("total", total)])
}
