//! Schemas by a seed.

use proptest::test_runner::TestRng;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FieldOptions,
    FileDescriptorProto, MessageOptions, OneofDescriptorProto, descriptor_proto::ExtensionRange,
};
use prost_reflect::{DescriptorPool, MessageDescriptor};

use crate::generate::protobuf::chance::{below, one_in, pick};

const SCALARS: [Type; 15] = [
    Type::Double,
    Type::Float,
    Type::Int64,
    Type::Uint64,
    Type::Int32,
    Type::Fixed64,
    Type::Fixed32,
    Type::Bool,
    Type::String,
    Type::Bytes,
    Type::Uint32,
    Type::Sfixed32,
    Type::Sfixed64,
    Type::Sint32,
    Type::Sint64,
];
/// What a map's keys may be.
const KEYS: [Type; 4] = [Type::String, Type::Int64, Type::Bool, Type::Sfixed32];
/// Numbers at which tags become longer, and others.
const NUMBERS: [i32; 8] = [1, 15, 16, 2_047, 2_048, 18_999, 20_000, 536_870_911];

/// Messages `r.M0` and on of a schema at random: proto2 or proto3.
pub fn messages(rng: &mut TestRng) -> Vec<MessageDescriptor> {
    let schema = Schema { is_proto2: one_in(rng, 2), messages: 1 + below(rng, 4), enums: 1 + below(rng, 2) };
    let file = schema.file(rng);
    let mut pool = DescriptorPool::new();
    let is_added = pool.add_file_descriptor_proto(file.clone());
    is_added.unwrap_or_else(|e| panic!("{e}: {file:?}"));
    pool.all_messages().filter(|message| message.full_name().matches('.').count() == 1).collect()
}

struct Schema {
    is_proto2: bool,
    messages: usize,
    enums: usize,
}

impl Schema {
    fn file(&self, rng: &mut TestRng) -> FileDescriptorProto {
        let mut file = FileDescriptorProto {
            name: Some("r.proto".to_owned()),
            package: Some("r".to_owned()),
            syntax: Some(if self.is_proto2 { "proto2" } else { "proto3" }.to_owned()),
            ..FileDescriptorProto::default()
        };
        file.enum_type = (0..self.enums).map(|index| self.enumeration(rng, index)).collect();
        file.message_type = (0..self.messages).map(|index| self.message(rng, index)).collect();
        if self.is_proto2 {
            for index in 0..below(rng, 3) {
                let number = i32::try_from(30_000 + index).unwrap_or_default();
                let mut field = self.field(rng, &format!("extension_{index}"), number);
                field.extendee = Some(".r.M0".to_owned());
                if field.label == Some(Label::Required as i32) {
                    field.label = Some(Label::Optional as i32);
                }
                file.extension.push(field);
            }
        }
        file
    }

    fn enumeration(&self, rng: &mut TestRng, index: usize) -> EnumDescriptorProto {
        let first = if self.is_proto2 && one_in(rng, 2) { 3 } else { 0 };
        let numbers = std::iter::once(first).chain([1, -1, i32::MAX, i32::MIN].into_iter().take(below(rng, 5)));
        let value = |number: i32| EnumValueDescriptorProto {
            name: Some(format!("E{index}_{number}").replace('-', "MINUS")),
            number: Some(number),
            options: None,
        };
        EnumDescriptorProto {
            name: Some(format!("E{index}")),
            value: numbers.map(value).collect(),
            ..EnumDescriptorProto::default()
        }
    }

    fn message(&self, rng: &mut TestRng, index: usize) -> DescriptorProto {
        let mut message = DescriptorProto { name: Some(format!("M{index}")), ..DescriptorProto::default() };
        let mut oneofs = Vec::new();
        let mut synthetic = Vec::new();
        for (place, number) in NUMBERS.iter().take(below(rng, NUMBERS.len() + 1)).enumerate() {
            let name = format!("field_{place}");
            if one_in(rng, 6) {
                let (field, entry) = self.map(rng, index, &name, *number);
                message.field.push(field);
                message.nested_type.push(entry);
                continue;
            }
            let mut field = self.field(rng, &name, *number);
            let is_single = field.label == Some(Label::Optional as i32);
            if is_single && one_in(rng, 4) {
                oneofs.push(place);
            } else if is_single && !self.is_proto2 && field.r#type != Some(Type::Message as i32) && one_in(rng, 3) {
                field.proto3_optional = Some(true);
                synthetic.push(place);
            }
            if field.r#type == Some(Type::Group as i32) {
                let group = format!("Group{place}");
                field.type_name = Some(format!(".r.M{index}.{group}"));
                field.name = Some(group.to_lowercase());
                message.nested_type.push(self.group(rng, group));
            }
            message.field.push(field);
        }
        if !oneofs.is_empty() {
            message.oneof_decl.push(OneofDescriptorProto { name: Some("choice".to_owned()), options: None });
        }
        for place in oneofs {
            message.field[place].oneof_index = Some(0);
        }
        for place in synthetic {
            message.field[place].oneof_index = i32::try_from(message.oneof_decl.len()).ok();
            message.oneof_decl.push(OneofDescriptorProto { name: Some(format!("_field_{place}")), options: None });
        }
        if self.is_proto2 {
            message.extension_range = vec![ExtensionRange { start: Some(30_000), end: Some(30_100), options: None }];
        }
        message
    }

    fn group(&self, rng: &mut TestRng, name: String) -> DescriptorProto {
        let mut field = self.field(rng, "inside", 1);
        if field.r#type == Some(Type::Group as i32) {
            field.r#type = Some(Type::Int32 as i32);
        }
        DescriptorProto { name: Some(name), field: vec![field], ..DescriptorProto::default() }
    }

    fn map(&self, rng: &mut TestRng, index: usize, name: &str, number: i32) -> (FieldDescriptorProto, DescriptorProto) {
        let entry = format!("{}Entry", name.replace("field_", "Field"));
        let key = pick(rng, &KEYS).copied().unwrap_or(Type::String);
        let mut value = self.field(rng, "value", 2);
        value.label = Some(Label::Optional as i32);
        value.options = None;
        if value.r#type == Some(Type::Group as i32) {
            value.r#type = Some(Type::String as i32);
        }
        let entry_type = DescriptorProto {
            name: Some(entry.clone()),
            field: vec![field("key", 1, Label::Optional, key), value],
            options: Some(MessageOptions { map_entry: Some(true), ..MessageOptions::default() }),
            ..DescriptorProto::default()
        };
        let mut whole = field(name, number, Label::Repeated, Type::Message);
        whole.type_name = Some(format!(".r.M{index}.{entry}"));
        (whole, entry_type)
    }

    fn field(&self, rng: &mut TestRng, name: &str, number: i32) -> FieldDescriptorProto {
        let label = match below(rng, 8) {
            0..=2 => Label::Repeated,
            3 if self.is_proto2 => Label::Required,
            _ => Label::Optional,
        };
        let kind = match below(rng, 10) {
            0..=1 => Type::Message,
            2 => Type::Enum,
            3 if self.is_proto2 && !name.starts_with("extension") => Type::Group,
            _ => pick(rng, &SCALARS).copied().unwrap_or(Type::String),
        };
        let mut field = field(name, number, label, kind);
        match kind {
            Type::Message => field.type_name = Some(format!(".r.M{}", below(rng, self.messages))),
            Type::Enum => field.type_name = Some(format!(".r.E{}", below(rng, self.enums))),
            _ => {}
        }
        let is_packable = !matches!(kind, Type::Message | Type::Group | Type::String | Type::Bytes);
        if label == Label::Repeated && is_packable && one_in(rng, 2) {
            field.options = Some(FieldOptions { packed: Some(one_in(rng, 2)), ..FieldOptions::default() });
        }
        field
    }
}

fn field(name: &str, number: i32, label: Label, kind: Type) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        label: Some(label as i32),
        r#type: Some(kind as i32),
        ..FieldDescriptorProto::default()
    }
}
