//! What may break between two protobuf contracts: one rule, one file.
//!
//! Each looks at one direction. What a rule says of old→new it says of new→old with both contracts swapped, so that every rule is
//! its own mirror. Main value: [`ALL`].

mod cardinality_changed;
mod default_changed;
mod deleted_unreserved;
mod enum_value_renamed;
mod enum_value_renumbered;
mod enum_value_unknown;
mod field_missing;
mod field_renumbered;
mod field_unknown;
mod json_name_changed;
mod message_type_changed;
mod method_missing;
mod method_type_changed;
mod number_reused;
mod oneof_joined;
mod presence_changed;
mod required_missing;
mod reserved_number_reused;
mod service_moved;
mod streaming_changed;
pub mod type_changed;

use super::enums::{EnumMeeting, User};
use super::hit::{Ends, Hit};
use super::meeting::{Line, Meeting};
use super::methods::Call;
use crate::model::Rule;

/// Every rule, by its id.
pub static ALL: &[&Rule] = &[
    &cardinality_changed::RULE,
    &default_changed::RULE,
    &deleted_unreserved::RULE,
    &enum_value_renamed::RULE,
    &enum_value_renumbered::RULE,
    &enum_value_unknown::RULE,
    &field_missing::RULE,
    &field_renumbered::RULE,
    &field_unknown::RULE,
    &json_name_changed::RULE,
    &message_type_changed::RULE,
    &method_missing::RULE,
    &method_type_changed::RULE,
    &number_reused::RULE,
    &oneof_joined::RULE,
    &presence_changed::RULE,
    &required_missing::RULE,
    &reserved_number_reused::RULE,
    &service_moved::RULE,
    &streaming_changed::RULE,
    &type_changed::RULE,
];

/// A rule and what it looks at.
type Check<T> = (&'static Rule, fn(&T) -> Vec<Hit>);

/// All that is to be said of a message.
pub fn messages(meeting: &Meeting<'_>) -> Vec<(&'static Rule, Hit)> {
    let checks: [Check<Meeting<'_>>; 14] = [
        (&cardinality_changed::RULE, cardinality_changed::check),
        (&default_changed::RULE, default_changed::check),
        (&deleted_unreserved::RULE, deleted_unreserved::check),
        (&field_missing::RULE, field_missing::check),
        (&field_renumbered::RULE, field_renumbered::check),
        (&field_unknown::RULE, field_unknown::check),
        (&json_name_changed::RULE, json_name_changed::check),
        (&message_type_changed::RULE, message_type_changed::check),
        (&number_reused::RULE, number_reused::check),
        (&oneof_joined::RULE, oneof_joined::check),
        (&presence_changed::RULE, presence_changed::check),
        (&required_missing::RULE, required_missing::check),
        (&reserved_number_reused::RULE, reserved_number_reused::check),
        (&type_changed::RULE, type_changed::check),
    ];
    let mut hits = all(&checks, meeting);
    for line in &meeting.lines {
        hits.extend(enums_within(meeting, line));
    }
    hits
}

/// Enums of differing names are told where a field carries them; those that keep theirs have a surface of their own.
fn enums_within(meeting: &Meeting<'_>, line: &Line) -> Vec<(&'static Rule, Hit)> {
    let Some((writer, reader, field)) = line.enums() else { return Vec::new() };
    if writer.full_name() == reader.full_name() {
        return Vec::new();
    }
    let messages = Ends { writer: meeting.writer.clone(), reader: meeting.reader.clone() };
    let users = vec![User { messages, writer: line.writer.clone(), reader: field }];
    let hits = enums(&EnumMeeting { context: meeting.context, writer, reader, users, is_carried: true });
    let at_field = |hit: Hit| Hit { at: format!("{} {}", line.writer.at(), hit.at), ..hit };
    hits.into_iter().map(|(rule, hit)| (rule, at_field(hit))).collect()
}

/// All that is to be said of an enum.
pub fn enums(meeting: &EnumMeeting<'_>) -> Vec<(&'static Rule, Hit)> {
    let checks: [Check<EnumMeeting<'_>>; 3] = [
        (&enum_value_renamed::RULE, enum_value_renamed::check),
        (&enum_value_renumbered::RULE, enum_value_renumbered::check),
        (&enum_value_unknown::RULE, enum_value_unknown::check),
    ];
    all(&checks, meeting)
}

/// All that is to be said of a method.
pub fn methods(call: &Call<'_>) -> Vec<(&'static Rule, Hit)> {
    let checks: [Check<Call<'_>>; 4] = [
        (&method_missing::RULE, method_missing::check),
        (&method_type_changed::RULE, method_type_changed::check),
        (&service_moved::RULE, service_moved::check),
        (&streaming_changed::RULE, streaming_changed::check),
    ];
    all(&checks, call)
}

fn all<T>(checks: &[Check<T>], what: &T) -> Vec<(&'static Rule, Hit)> {
    checks.iter().flat_map(|(rule, check)| check(what).into_iter().map(|hit| (*rule, hit))).collect()
}
