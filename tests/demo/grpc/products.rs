//! What is for sale, for programs: `GetProduct`, `Search` and `Quote`.

use std::borrow::Cow;

use prost_reflect::{DynamicMessage, EnumDescriptor, MessageDescriptor, ReflectMessage, Value};

use super::fields::{all, made, number, quantity, text};
use super::frames::{Incoming, Outgoing};
use super::status::Status;
use crate::app::App;
use crate::store::Product;

/// `GetProduct`
pub fn one(app: &App, gives: &MessageDescriptor, asked: &DynamicMessage) -> Result<DynamicMessage, Status> {
    let id = number(asked, "id");
    let product = app.store.read(|shop| shop.product(id))?;
    let product = product.ok_or_else(|| Status::not_found("product", &id.to_string()))?;
    Ok(made(gives, shown(app, gives, &product)))
}

/// `Search`
pub fn search(app: &App, gives: &MessageDescriptor, asked: &DynamicMessage) -> Result<DynamicMessage, Status> {
    let wanted = asked.get_field_by_name("availability").and_then(|value| value.as_enum_number()).unwrap_or_default();
    if availabilities(&asked.descriptor(), "availability").is_some_and(|known| known.get_value(wanted).is_none()) {
        return Err(Status::invalid_argument("availability", "nothing is had in that way"));
    }
    let sought = text(asked, "text").to_lowercase();
    let mut products = app.store.products()?;
    products.retain(|product| {
        let is_hit = product.name.to_lowercase().contains(&sought) || product.tags.contains(&sought);
        is_hit && (wanted == 0 || wanted == availability(app, &asked.descriptor(), product))
    });
    let total = u32::try_from(products.len()).unwrap_or(u32::MAX);
    products.truncate(match number(asked, "limit") {
        0 => app.dialect.default_hits(),
        limit => usize::try_from(limit).unwrap_or(usize::MAX),
    });
    let hits = all(gives, "hits", &products, |of, product| shown(app, of, product));
    // What was asked comes back as it came, whatever this side's contract calls it.
    let text = asked.get_field_by_name("text").map_or(Value::String(String::new()), Cow::into_owned);
    Ok(made(gives, [("text", text), ("total", Value::U32(total)), ("hits", hits)]))
}

/// `Quote`: each question is answered before the next one is read.
pub async fn quote(
    app: &App,
    gives: &MessageDescriptor,
    incoming: &mut Incoming,
    outgoing: &mut Outgoing,
) -> Result<(), Status> {
    while let Some(asked) = incoming.next().await? {
        let (id, quantity) = (number(&asked, "product"), quantity(&asked)?);
        let outcome = match app.store.read(|shop| shop.product(id))? {
            Some(product) => ("cents", Value::U64(product.cents * quantity)),
            None => ("refusal", Value::String("there is no such product".to_owned())),
        };
        outgoing.say(&made(gives, [("reference", Value::String(text(&asked, "reference"))), outcome]));
    }
    Ok(())
}

fn shown(app: &App, of: &MessageDescriptor, product: &Product) -> [(&'static str, Value); 6] {
    [
        ("id", Value::U64(product.id)),
        ("name", Value::String(product.name.clone())),
        ("cents", Value::U64(product.cents)),
        ("availability", Value::EnumNumber(availability(app, of, product))),
        ("tags", Value::List(product.tags.iter().cloned().map(Value::String).collect())),
        ("origin", Value::String("Leeds".to_owned())),
    ]
}

/// How a product can be had, as the field `availability` of that message says it.
fn availability(app: &App, of: &MessageDescriptor, product: &Product) -> i32 {
    let name = match product.stock {
        0 if app.dialect.knows_backorder() => "AVAILABILITY_BACKORDERED",
        0 => "AVAILABILITY_SOLD_OUT",
        _ => "AVAILABILITY_IN_STOCK",
    };
    let known = availabilities(of, "availability").and_then(|known| known.get_value_by_name(name));
    known.map_or(0, |value| value.number())
}

fn availabilities(of: &MessageDescriptor, field: &str) -> Option<EnumDescriptor> {
    of.get_field_by_name(field)?.kind().as_enum().cloned()
}
