//! What sending a parcel comes to: `Estimate`.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::fields::{made, number, text};

/// What a parcel costs that weighs nothing, in hundredths.
const PARCEL: u64 = 490;

/// `Estimate`
pub fn estimate(gives: &MessageDescriptor, asked: &DynamicMessage) -> DynamicMessage {
    let (address, locker) = (text(asked, "address"), text(asked, "locker"));
    let (destination, fallback) = if locker.is_empty() { (address, locker) } else { (locker, address) };
    // How many it is can't be said in every contract: one where it isn't.
    let cents = (PARCEL + number(asked, "grams") / 10) * number(asked, "parcels").max(1);
    let wrapped = ["ribbon", "box"].iter().any(|name| asked.has_field_by_name(name));
    made(
        gives,
        [
            ("destination", Value::String(destination)),
            ("fallback", Value::String(fallback)),
            ("cents", Value::U64(cents)),
            ("days", Value::U32(2)),
            ("wrapped", Value::Bool(wrapped)),
        ],
    )
}
