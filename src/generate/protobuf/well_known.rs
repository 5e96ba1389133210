//! Messages of protobuf itself of which its documentation says more than their fields do.
//!
//! Owns their ranges: a Timestamp lies in the years 1 to 9999, a Duration within ±315,576,000,000 seconds and its parts have one
//! sign, a Value is something, an Any holds what its URL names. Main type: [`WellKnown`].

use bytes::Bytes;
use proptest::test_runner::TestRng;
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage as _, Value};

use super::chance::{below, one_in, pick};
use super::plan::Form;
use super::written::written;

/// The first and the last second of a Timestamp: 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
const SECONDS: (i64, i64) = (-62_135_596_800, 253_402_300_799);
/// The longest Duration, about 10,000 years.
const LONGEST: i64 = 315_576_000_000;
/// The last nanosecond of a second.
const NANOS: i32 = 999_999_999;
/// A moment of 2020 and so many seconds after it, for moments as people have them.
const RECENT: (i64, usize) = (1_577_836_800, 400_000_000);

/// Which of them a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WellKnown {
    /// Any message, with its name.
    Any,
    /// A moment.
    Timestamp,
    /// A span of time.
    Duration,
    /// Any JSON.
    Value,
    /// Names of fields.
    FieldMask,
}

impl WellKnown {
    /// What a message is; none where its fields say all of it.
    pub fn of(message: &MessageDescriptor) -> Option<Self> {
        match message.full_name().strip_prefix("google.protobuf.")? {
            "Any" => Some(Self::Any),
            "Timestamp" => Some(Self::Timestamp),
            "Duration" => Some(Self::Duration),
            "Value" => Some(Self::Value),
            "FieldMask" => Some(Self::FieldMask),
            _ => None,
        }
    }

    /// Puts in what can't be left out. `url` names a message with nothing in it.
    pub fn fill(self, message: &mut DynamicMessage, url: Option<&str>) {
        match (self, url) {
            (Self::Value, _) => set(message, "null_value", Value::EnumNumber(0)),
            (Self::Any, Some(url)) => set(message, "type_url", Value::String(url.to_owned())),
            _ => {}
        }
    }

    /// Its edges, as far as they don't come of other messages.
    pub fn edges(self, form: &Form, paths: &[String]) -> Vec<DynamicMessage> {
        let time = |(seconds, nanos): (i64, i32)| time(&form.descriptor, seconds, nanos);
        match self {
            Self::Timestamp => [
                (1, 0),
                (-1, 0),
                (-1, NANOS),
                (0, 1),
                (0, 1_000),
                (0, 500_000_000),
                (0, NANOS),
                SECONDS_MIN,
                SECONDS_MAX,
                (i64::MAX >> 32, 0),
                (2_147_483_648, 0),
                (4_294_967_296, 0),
                (951_782_400, 0),
            ]
            .map(time)
            .into(),
            Self::Duration => [
                (1, 0),
                (-1, 0),
                (0, 1),
                (0, -1),
                (1, NANOS),
                (-1, -NANOS),
                (0, 1_000_000),
                (LONGEST, 0),
                (-LONGEST, 0),
                (LONGEST - 1, NANOS),
                (1 - LONGEST, -NANOS),
                (2_147_483_648, 0),
            ]
            .map(time)
            .into(),
            Self::FieldMask => {
                let first = paths.first().map_or("name", String::as_str);
                let last = paths.last().map_or("name", String::as_str);
                let nested = format!("{first}.{last}");
                [&[first][..], &[first, last], &[&nested], &[first, first], &["no_such_field"]]
                    .map(|paths| mask(&form.descriptor, paths.iter().map(|path| (*path).to_owned())))
                    .into()
            }
            Self::Any | Self::Value => Vec::new(),
        }
    }

    /// One at random; none of those that hold other messages.
    pub fn draw(self, form: &Form, paths: &[String], rng: &mut TestRng) -> Option<DynamicMessage> {
        let signed = |rng: &mut TestRng, most: usize| i64::try_from(below(rng, most)).unwrap_or_default();
        match self {
            Self::Timestamp | Self::Duration if one_in(rng, 4) => pick(rng, &self.edges(form, paths)).cloned(),
            Self::Timestamp => {
                let seconds = RECENT.0 + signed(rng, RECENT.1);
                Some(time(&form.descriptor, seconds, nanos(rng)))
            }
            Self::Duration => {
                let sign = if one_in(rng, 4) { -1 } else { 1 };
                let seconds = signed(rng, 100_000);
                Some(time(&form.descriptor, seconds * sign, nanos(rng) * i32::try_from(sign).unwrap_or(1)))
            }
            Self::FieldMask => {
                let count = below(rng, 4);
                let paths: Vec<String> = (0..count).filter_map(|_| pick(rng, paths).cloned()).collect();
                Some(mask(&form.descriptor, paths))
            }
            Self::Any | Self::Value => None,
        }
    }
}

const SECONDS_MIN: (i64, i32) = (SECONDS.0, 0);
const SECONDS_MAX: (i64, i32) = (SECONDS.1, NANOS);

/// Mostly no more than milliseconds.
fn nanos(rng: &mut TestRng) -> i32 {
    let all = i32::try_from(below(rng, 1_000_000_000)).unwrap_or_default();
    [0, all / 1_000_000 * 1_000_000, all][below(rng, 3)]
}

fn time(descriptor: &MessageDescriptor, seconds: i64, nanos: i32) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    set(&mut message, "seconds", Value::I64(seconds));
    set(&mut message, "nanos", Value::I32(nanos));
    message
}

fn mask(descriptor: &MessageDescriptor, paths: impl IntoIterator<Item = String>) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    set(&mut message, "paths", Value::List(paths.into_iter().map(Value::String).collect()));
    message
}

/// What names a message in an Any.
pub fn url(descriptor: &MessageDescriptor) -> String {
    format!("type.googleapis.com/{}", descriptor.full_name())
}

/// An Any that holds a message.
pub fn packed(any: &MessageDescriptor, held: &DynamicMessage) -> DynamicMessage {
    let mut message = DynamicMessage::new(any.clone());
    set(&mut message, "type_url", Value::String(url(&held.descriptor())));
    set(&mut message, "value", Value::Bytes(Bytes::from(written(held))));
    message
}

/// What an Any holds, where its pool knows that message.
pub fn unpacked(any: &DynamicMessage) -> Option<DynamicMessage> {
    let descriptor = any.descriptor();
    if WellKnown::of(&descriptor) != Some(WellKnown::Any) {
        return None;
    }
    let (url, value) = (any.get_field_by_name("type_url")?, any.get_field_by_name("value")?);
    let (_, name) = url.as_str()?.rsplit_once('/')?;
    let held = descriptor.parent_pool().get_message_by_name(name)?;
    DynamicMessage::decode(held, value.as_bytes()?.as_ref()).ok()
}

/// Somebody else's message of that name may have other fields: it stays as it is then.
fn set(message: &mut DynamicMessage, field: &str, value: Value) {
    let _ = message.try_set_field_by_name(field, value);
}
