//! What a contract offers: its messages, enums and methods by name.
//!
//! Main type: [`Surfaces`].

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use prost_reflect::{EnumDescriptor, MessageDescriptor, MethodDescriptor};

use super::field::Field;
use super::methods;
use super::schema::Schema;

/// One side's surfaces.
#[derive(Default)]
pub struct Surfaces {
    /// By full name, without the entries of maps.
    pub messages: BTreeMap<String, MessageDescriptor>,
    /// By full name.
    pub enums: BTreeMap<String, EnumDescriptor>,
    /// As `package.Service/Method`.
    pub methods: BTreeMap<String, MethodDescriptor>,
    carriers: OnceCell<Carriers>,
}

/// Which fields carry an enum: messages and the fields' numbers, by the enum's full name.
type Carriers = HashMap<String, Vec<(MessageDescriptor, u32)>>;

impl Surfaces {
    /// All that the contract's own files hold.
    pub fn of(schema: &Schema) -> Self {
        let mut found = Self::default();
        for file in schema.files() {
            let mut todo: Vec<MessageDescriptor> = file.messages().collect();
            let mut enums: Vec<EnumDescriptor> = file.enums().collect();
            while let Some(message) = todo.pop() {
                todo.extend(message.child_messages());
                enums.extend(message.child_enums());
                if !message.is_map_entry() {
                    found.messages.insert(message.full_name().to_owned(), message);
                }
            }
            found.enums.extend(enums.into_iter().map(|found| (found.full_name().to_owned(), found)));
            for service in file.services() {
                found.methods.extend(service.methods().map(|method| (methods::subject(&method), method)));
            }
        }
        found
    }

    /// The fields that carry an enum.
    pub fn carriers(&self, name: &str) -> &[(MessageDescriptor, u32)] {
        // Only asked for where an enum has changed.
        let carriers = self.carriers.get_or_init(|| {
            let mut carriers = Carriers::new();
            for message in self.messages.values() {
                for field in message.fields().map(Field::own) {
                    if let Some(carried) = field.enumeration() {
                        let found = carriers.entry(carried.full_name().to_owned()).or_default();
                        found.push((message.clone(), field.number));
                    }
                }
            }
            carriers
        });
        carriers.get(name).map_or(&[], Vec::as_slice)
    }
}
