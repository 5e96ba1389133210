//! The entries of maps in a descriptor set: no compiler writes wrong ones, but a damaged file may hold them.
//!
//! Main function: [`wrong_entry`].

use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions};

/// The first message of a file that says it is a map's entry and is not made like one.
pub fn wrong_entry(file: &FileDescriptorProto) -> Option<&str> {
    let mut todo: Vec<&DescriptorProto> = file.message_type.iter().collect();
    while let Some(message) = todo.pop() {
        let is_entry = message.options.as_ref().is_some_and(MessageOptions::map_entry);
        if is_entry && !is_made_like_one(message) {
            return Some(message.name());
        }
        todo.extend(&message.nested_type);
    }
    None
}

fn is_made_like_one(message: &DescriptorProto) -> bool {
    let [key, value] = message.field.as_slice() else { return false };
    let is = |field: &FieldDescriptorProto, name: &str, number: i32| {
        field.name() == name && field.number() == number && field.label() == Label::Optional && field.r#type.is_some()
    };
    let is_key =
        !matches!(key.r#type(), Type::Double | Type::Float | Type::Bytes | Type::Message | Type::Group | Type::Enum);
    is(key, "key", 1) && is(value, "value", 2) && is_key && value.r#type() != Type::Group
}
