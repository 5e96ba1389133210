//! What sending a parcel comes to: `Estimate`.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::fields::{made, number, text};
use super::status::Status;
use crate::app::App;

/// What one parcel costs, in hundredths.
const PARCEL: u64 = 490;

/// `Estimate`
pub fn estimate(app: &App, gives: &MessageDescriptor, asked: &DynamicMessage) -> Result<DynamicMessage, Status> {
    let (address, locker) = (text(asked, "address"), text(asked, "locker"));
    let (destination, fallback) = if locker.is_empty() { (address, locker) } else { (locker, address) };
    let cents = if app.dialect.counts_parcels() {
        PARCEL * number(asked, "parcels").max(1)
    } else {
        PARCEL + number(asked, "grams") / 10
    };
    let wrapped = ["ribbon", "box"].iter().any(|name| asked.has_field_by_name(name));
    Ok(made(
        gives,
        [
            ("destination", Value::String(destination)),
            ("fallback", Value::String(fallback)),
            ("cents", Value::U64(cents)),
            ("days", Value::U32(2)),
            ("wrapped", Value::Bool(wrapped)),
        ],
    ))
}
