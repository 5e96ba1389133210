//! How much there is to a message: what is simpler weighs less. Whole numbers, so that nobody goes on for ever.
//!
//! Main function: [`weight`].

use prost_reflect::{DynamicMessage, MapKey, Value};

use super::well_known::unpacked;

/// Of a message: each field that is set counts, and what is in it.
pub fn weight(message: &DynamicMessage) -> u64 {
    if let Some(held) = unpacked(message) {
        return 2 + weight(&held);
    }
    let own = message.fields().map(|(_, value)| 2 + of_value(value));
    let extensions = message.extensions().map(|(_, value)| 2 + of_value(value));
    let unknown = message.unknown_fields().map(|field| {
        let mut bytes = Vec::new();
        field.encode(&mut bytes);
        2 + bytes.len() as u64
    });
    own.chain(extensions).chain(unknown).fold(1, u64::saturating_add)
}

/// Of a value; zero weighs nothing.
pub fn of_value(value: &Value) -> u64 {
    match value {
        Value::Bool(value) => u64::from(*value),
        Value::I32(value) => of_number(value.unsigned_abs().into()),
        Value::I64(value) => of_number(value.unsigned_abs()),
        Value::U32(value) => of_number((*value).into()),
        Value::U64(value) => of_number(*value),
        Value::F32(value) => of_float((*value).into()),
        Value::F64(value) => of_float(*value),
        Value::EnumNumber(number) => of_number(number.unsigned_abs().into()),
        Value::String(text) => text.chars().map(of_char).sum(),
        Value::Bytes(bytes) => bytes.iter().map(|byte| 1 + u64::from(*byte != 0)).sum(),
        Value::Message(message) => weight(message),
        Value::List(values) => values.iter().map(|value| 1 + of_value(value)).sum(),
        Value::Map(entries) => entries.iter().map(|(key, value)| 1 + of_key(key) + of_value(value)).sum(),
    }
}

fn of_key(key: &MapKey) -> u64 {
    of_value(&Value::from(key.clone()))
}

/// Its length in bits.
fn of_number(number: u64) -> u64 {
    u64::from(u64::BITS - number.leading_zeros())
}

/// Whole numbers by their size, then those with a fraction and the very large ones, then what is no number.
fn of_float(float: f64) -> u64 {
    if float == 0.0 {
        return u64::from(float.is_sign_negative());
    }
    if !float.is_finite() {
        return 200;
    }
    // How far its exponent is from that of 1.
    let size = ((float.to_bits() >> 52) & 0x7ff).abs_diff(1_023);
    if float.fract() == 0.0 && size < 60 { 1 + size } else { 70 + size.min(100) }
}

fn of_char(c: char) -> u64 {
    match c {
        'a' => 1,
        c if c.is_ascii_alphanumeric() => 2,
        c if c.is_ascii() => 3,
        _ => 4,
    }
}
