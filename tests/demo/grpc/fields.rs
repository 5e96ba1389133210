//! Fields of messages by their names: read, and set where this side's contract has them.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::status::Status;
use crate::baskets::MOST;

/// A message of these fields. What this side's contract doesn't name stays away.
pub fn made<'n>(descriptor: &MessageDescriptor, fields: impl IntoIterator<Item = (&'n str, Value)>) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for (name, value) in fields {
        // It fails for a name that is not there, and for nothing else: types are those of the contract.
        let _ = message.try_set_field_by_name(name, value);
    }
    message
}

/// Messages as a field's value, each of these fields.
pub fn all<T, const N: usize>(
    descriptor: &MessageDescriptor,
    field: &str,
    items: &[T],
    shown: impl Fn(&MessageDescriptor, &T) -> [(&'static str, Value); N],
) -> Value {
    let kind = descriptor.get_field_by_name(field).map(|field| field.kind());
    let of = kind.as_ref().and_then(prost_reflect::Kind::as_message);
    let made = of.into_iter().flat_map(|of| items.iter().map(|item| Value::Message(made(of, shown(of, item)))));
    Value::List(made.collect())
}

/// A text, or what can be read of bytes; empty where the field is not there.
pub fn text(message: &DynamicMessage, name: &str) -> String {
    match message.get_field_by_name(name).as_deref() {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

/// A number; 0 where the field is not there.
pub fn number(message: &DynamicMessage, name: &str) -> u64 {
    match message.get_field_by_name(name).as_deref() {
        Some(Value::U32(number)) => u64::from(*number),
        Some(Value::U64(number)) => *number,
        _ => 0,
    }
}

/// A text that the store is asked for, or is to keep.
pub fn stored(message: &DynamicMessage, name: &str) -> Result<String, Status> {
    let text = text(message, name);
    if text.contains('\0') {
        return Err(Status::invalid_argument(name, "a zero byte can't be kept"));
    }
    Ok(text)
}

/// Whose basket or order it is about.
pub fn customer(message: &DynamicMessage) -> Result<String, Status> {
    let customer = stored(message, "customer")?;
    if customer.is_empty() { Err(Status::invalid_argument("customer", "say who you are")) } else { Ok(customer) }
}

/// How many are wanted.
pub fn quantity(message: &DynamicMessage) -> Result<u64, Status> {
    match number(message, "quantity") {
        0 => Ok(1),
        quantity if quantity <= MOST => Ok(quantity),
        _ => Err(Status::invalid_argument("quantity", "nobody can have more than 1000")),
    }
}
