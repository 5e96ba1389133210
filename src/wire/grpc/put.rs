//! Puts a value into a message of a call, where another one stands.

use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DynamicMessage, EnumDescriptor, Kind, ReflectMessage as _, Value};

use super::descriptors::Descriptors;
use super::frames::{self, split};
use crate::model::{Body, Call, Path, Step};

/// Puts `live` at that place of a call that is written by those descriptors; of a stream's messages the place names one. A call that
/// has no such place, or where such a value can't stand, stays as it is.
pub fn put(call: &mut Call, by: &Descriptors, path: &Path, live: &str) {
    if let Some(body) = with(call, by, path, live) {
        call.body = Body::of(body);
    }
}

fn with(call: &Call, by: &Descriptors, path: &Path, live: &str) -> Option<Bytes> {
    let method = by.method(call.procedure()?)?;
    let body: Bytes = call.body.bytes()?.into_owned().into();
    let mut messages = split(&body, call.metadata.get("grpc-encoding")).ok()?.messages;
    let (number, steps) = match path.0.as_slice() {
        [Step::Item(number), rest @ ..] if method.is_client_streaming() => (*number, rest),
        steps => (0, steps),
    };
    let message = messages.get_mut(number)?;
    let mut decoded = DynamicMessage::decode(method.input(), message.clone()).ok()?;
    put_in(&mut decoded, steps, live)?;
    *message = decoded.encode_to_vec().into();
    Some(frames::written(&messages))
}

fn put_in(message: &mut DynamicMessage, steps: &[Step], live: &str) -> Option<()> {
    let (Step::Field(name), rest) = steps.split_first()? else { return None };
    let field = message.descriptor().get_field_by_name(name)?;
    let kind = field.kind();
    let number = match rest.first() {
        Some(Step::Item(number)) if field.is_list() => Some(*number),
        _ => None,
    };
    let rest = if number.is_some() { rest.get(1..).unwrap_or_default() } else { rest };
    let mut held = message.get_field(&field).into_owned();
    let place = match (&mut held, number) {
        (Value::List(values), Some(number)) => values.get_mut(number)?,
        (Value::List(_) | Value::Map(_), _) => return None,
        (single, _) => single,
    };
    if rest.is_empty() {
        *place = scalar(&kind, live)?;
    } else if let Value::Message(inner) = place {
        put_in(inner, rest, live)?;
    } else {
        return None;
    }
    message.try_set_field(&field, held).ok()
}

/// A text as a value of that kind; none where it is none.
fn scalar(kind: &Kind, text: &str) -> Option<Value> {
    Some(match kind {
        Kind::String => Value::String(text.to_owned()),
        Kind::Bool => Value::Bool(text.parse().ok()?),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(text.parse().ok()?),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(text.parse().ok()?),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(text.parse().ok()?),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(text.parse().ok()?),
        Kind::Double => Value::F64(text.parse().ok()?),
        Kind::Float => Value::F32(text.parse().ok()?),
        Kind::Enum(known) => Value::EnumNumber(number(known, text)?),
        Kind::Bytes | Kind::Message(_) => return None,
    })
}

fn number(known: &EnumDescriptor, text: &str) -> Option<i32> {
    known.get_value_by_name(text).map(|value| value.number()).or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_reflect::{DescriptorPool, DynamicMessage};

    use super::{Body, Call, Descriptors, put};
    use crate::wire::grpc::written;

    fn descriptors() -> Descriptors {
        let proto = r#"syntax = "proto3"; package s; enum Color { NONE = 0; RED = 1; }
            message In { string id = 1; int64 count = 2; In in = 3; repeated In many = 4; Color color = 5; bytes raw = 6; }
            service S { rpc One(In) returns (In); rpc Many(stream In) returns (In); }"#;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("s.proto"), proto).unwrap();
        let set = protox::compile(["s.proto"], [folder.path()]).unwrap();
        Descriptors::new(DescriptorPool::from_file_descriptor_set(set).unwrap())
    }

    #[track_caller]
    fn check(method: &str, messages: &[&str], place: &str, live: &str, expected: &[&str]) {
        let by = descriptors();
        let descriptor = by.pool().get_message_by_name("s.In").unwrap();
        let parse = |text: &&str| DynamicMessage::parse_text_format(descriptor.clone(), text).unwrap();
        let bytes: Vec<bytes::Bytes> = messages.iter().map(|text| parse(text).encode_to_vec().into()).collect();
        let mut call = Call {
            method: "POST".to_owned(),
            target: format!("/s.S/{method}"),
            metadata: [("content-type", "application/grpc")].into_iter().collect(),
            body: Body::of(written(&bytes)),
        };
        put(&mut call, &by, &place.parse().unwrap(), live);
        let expected: Vec<bytes::Bytes> = expected.iter().map(|text| parse(text).encode_to_vec().into()).collect();
        assert_eq!(call.body, Body::of(written(&expected)), "{place} {live}");
    }

    #[test]
    fn a_value_goes_where_its_place_says() {
        check("One", &["id: 'a'"], "$.id", "b", &["id: 'b'"]);
        check("One", &["count: 1"], "$.count", "9007199254740993", &["count: 9007199254740993"]);
        check("One", &["in { id: 'a' }"], "$.in.id", "b", &["in { id: 'b' }"]);
        check(
            "One",
            &["many { id: 'a' } many { id: 'b' }"],
            "$.many[1].id",
            "c",
            &["many { id: 'a' } many { id: 'c' }"],
        );
        check("One", &["color: RED"], "$.color", "NONE", &["color: NONE"]);
        check("Many", &["id: 'a'", "id: 'b'"], "$[1].id", "c", &["id: 'a'", "id: 'c'"]);
    }

    #[test]
    fn a_call_without_such_a_place_stays_as_it_is() {
        for (place, live) in
            [("$.count", "x"), ("$.none", "x"), ("$.many[3].id", "x"), ("$.raw", "x"), ("$.id.x", "x"), ("$", "x")]
        {
            check("One", &["id: 'a' count: 1"], place, live, &["id: 'a' count: 1"]);
        }
    }
}
