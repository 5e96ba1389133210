//! One field of a message, whether it is its own or an extension: what of it is seen on the wire.
//!
//! Main type: [`Field`].

use std::borrow::Cow;

use prost_reflect::{
    Cardinality, DynamicMessage, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor, Syntax,
    Value,
};

/// How many values a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// At most one.
    One,
    /// Any number.
    Many,
    /// Any number, each under a key.
    Map,
}

/// A field or an extension of a message.
#[derive(Debug, Clone)]
pub struct Field {
    handle: Handle,
    /// Its number.
    pub number: u32,
    /// Its name in the text; an extension's full name in brackets.
    pub name: String,
    /// What JSON writers call it.
    pub json_name: String,
    /// What its values are.
    pub kind: Kind,
    /// How many it holds.
    pub shape: Shape,
    /// Whether its messages are written between two tags rather than after their length.
    pub is_group: bool,
    /// Whether a message without it can be told from one with its zero.
    pub has_presence: bool,
    /// Whether no message is whole without it.
    pub is_required: bool,
    /// The choice that it belongs to.
    pub oneof: Option<String>,
}

#[derive(Debug, Clone)]
enum Handle {
    Own(FieldDescriptor),
    Extension(ExtensionDescriptor),
}

impl Field {
    /// All fields and extensions of a message.
    pub fn all(message: &MessageDescriptor) -> Vec<Self> {
        message.fields().map(Self::own).chain(message.extensions().map(Self::extension)).collect()
    }

    /// A field as it stands in its message.
    pub fn own(field: FieldDescriptor) -> Self {
        let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
        Self {
            number: field.number(),
            name: field.name().to_owned(),
            json_name: field.json_name().to_owned(),
            kind: field.kind(),
            shape: shape(field.is_list(), field.is_map()),
            is_group: field.is_group(),
            has_presence: field.supports_presence(),
            is_required: field.cardinality() == Cardinality::Required,
            oneof: oneof.map(|oneof| oneof.name().to_owned()),
            handle: Handle::Own(field),
        }
    }

    fn extension(field: ExtensionDescriptor) -> Self {
        Self {
            number: field.number(),
            name: format!("[{}]", field.full_name()),
            json_name: field.json_name().to_owned(),
            kind: field.kind(),
            shape: shape(field.is_list(), field.is_map()),
            is_group: field.is_group(),
            has_presence: field.supports_presence(),
            is_required: false,
            oneof: None,
            handle: Handle::Extension(field),
        }
    }

    /// Whether it is set in a message.
    pub fn is_in(&self, message: &DynamicMessage) -> bool {
        match &self.handle {
            Handle::Own(field) => message.has_field(field),
            Handle::Extension(field) => message.has_extension(field),
        }
    }

    /// Its value in a message, or what counts where it is not set.
    pub fn of<'a>(&self, message: &'a DynamicMessage) -> Cow<'a, Value> {
        match &self.handle {
            Handle::Own(field) => message.get_field(field),
            Handle::Extension(field) => message.get_extension(field),
        }
    }

    /// Sets it; false where it can't hold such a value.
    #[must_use]
    pub fn set(&self, message: &mut DynamicMessage, value: Value) -> bool {
        match &self.handle {
            Handle::Own(field) => message.try_set_field(field, value).is_ok(),
            Handle::Extension(field) => {
                let fits = value.is_valid_for_extension(field);
                if fits {
                    message.set_extension(field, value);
                }
                fits
            }
        }
    }

    /// Takes it out.
    pub fn clear(&self, message: &mut DynamicMessage) {
        match &self.handle {
            Handle::Own(field) => message.clear_field(field),
            Handle::Extension(field) => message.clear_extension(field),
        }
    }

    /// What counts where it is not set.
    pub fn default(&self) -> Value {
        match &self.handle {
            Handle::Own(field) => field.default_value(),
            Handle::Extension(field) => field.default_value(),
        }
    }

    /// The file's descriptor and the path in it, for positions.
    pub fn place(&self) -> (prost_reflect::FileDescriptor, &[i32]) {
        match &self.handle {
            Handle::Own(field) => (field.parent_file(), field.path()),
            Handle::Extension(field) => (field.parent_file(), field.path()),
        }
    }

    /// The field as places in reports name it.
    pub fn at(&self) -> String {
        format!("field {} ({})", self.number, self.name)
    }

    /// The kinds of the key and the value, where it is a map.
    pub fn entry(&self) -> Option<(Kind, Field)> {
        match (&self.kind, self.shape) {
            (Kind::Message(entry), Shape::Map) => {
                Some((entry.map_entry_key_field().kind(), Self::own(entry.map_entry_value_field())))
            }
            _ => None,
        }
    }

    /// The message that its values are, or the values of its map.
    pub fn message(&self) -> Option<MessageDescriptor> {
        match self.value_kind() {
            Kind::Message(message) => Some(message),
            _ => None,
        }
    }

    /// The enum that its values are of, or the values of its map.
    pub fn enumeration(&self) -> Option<EnumDescriptor> {
        match self.value_kind() {
            Kind::Enum(enumeration) => Some(enumeration),
            _ => None,
        }
    }

    fn value_kind(&self) -> Kind {
        self.entry().map_or_else(|| self.kind.clone(), |(_, value)| value.kind)
    }

    /// What a person calls its type.
    pub fn type_name(&self) -> String {
        let kind = match (&self.shape, self.entry()) {
            (Shape::Map, Some((key, value))) => return format!("map<{}, {}>", name(&key), name(&value.kind)),
            _ if self.is_group => format!("group {}", name(&self.kind)),
            _ => name(&self.kind),
        };
        if self.shape == Shape::Many { format!("repeated {kind}") } else { kind }
    }
}

fn shape(is_list: bool, is_map: bool) -> Shape {
    match (is_list, is_map) {
        (_, true) => Shape::Map,
        (true, false) => Shape::Many,
        (false, false) => Shape::One,
    }
}

/// A kind as `.proto` files write it.
pub fn name(kind: &Kind) -> String {
    match kind {
        Kind::Double => "double".to_owned(),
        Kind::Float => "float".to_owned(),
        Kind::Int32 => "int32".to_owned(),
        Kind::Int64 => "int64".to_owned(),
        Kind::Uint32 => "uint32".to_owned(),
        Kind::Uint64 => "uint64".to_owned(),
        Kind::Sint32 => "sint32".to_owned(),
        Kind::Sint64 => "sint64".to_owned(),
        Kind::Fixed32 => "fixed32".to_owned(),
        Kind::Fixed64 => "fixed64".to_owned(),
        Kind::Sfixed32 => "sfixed32".to_owned(),
        Kind::Sfixed64 => "sfixed64".to_owned(),
        Kind::Bool => "bool".to_owned(),
        Kind::String => "string".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(enumeration) => enumeration.full_name().to_owned(),
    }
}

/// Whether readers of an enum keep only the numbers that it names.
pub fn is_closed(enumeration: &EnumDescriptor) -> bool {
    enumeration.parent_file().syntax() == Syntax::Proto2
}
