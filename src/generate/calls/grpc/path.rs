//! The way to a single value in a message.
//!
//! Main type: [`Path`].

use std::fmt;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// How deep values are looked for: `order.customer.id`.
const DEEPEST: usize = 3;

/// Fields, one within the other; of those that hold many, the first.
#[derive(Clone, PartialEq, Eq)]
pub struct Path(Vec<FieldDescriptor>);

// What a field's descriptor shows of itself has no end where a message may hold itself.
impl fmt::Debug for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, field) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            write!(out, "{dot}{}{}", field.name(), if field.is_list() { "[0]" } else { "" })?;
        }
        Ok(())
    }
}

impl Path {
    /// The ways to all texts, bytes and whole numbers of a message: those that stand in it itself come first.
    pub fn all(message: &MessageDescriptor) -> Vec<Self> {
        let mut found = Vec::new();
        let mut open = vec![(Vec::new(), message.clone())];
        while !open.is_empty() {
            let mut deeper = Vec::new();
            for (way, message) in open {
                for field in message.fields().filter(|field| !field.is_map()) {
                    let within: Vec<FieldDescriptor> = way.iter().cloned().chain([field.clone()]).collect();
                    match field.kind() {
                        Kind::Message(inner) if within.len() < DEEPEST && !is_shared(&inner) => {
                            deeper.push((within, inner));
                        }
                        kind if is_name(&kind) => found.push(Self(within)),
                        _ => {}
                    }
                }
            }
            open = deeper;
        }
        found
    }

    /// The field that holds the value.
    pub fn last(&self) -> Option<&FieldDescriptor> {
        self.0.last()
    }

    /// How many fields it has.
    pub fn depth(&self) -> usize {
        self.0.len()
    }

    /// Whether it leads through a field that holds many.
    pub fn is_of_many(&self) -> bool {
        self.0.iter().any(FieldDescriptor::is_list)
    }
}

/// Whether values of a type name things.
fn is_name(kind: &Kind) -> bool {
    !matches!(kind, Kind::Message(_) | Kind::Enum(_) | Kind::Bool | Kind::Double | Kind::Float)
}

/// Protobuf's own messages name nothing of the contract's.
fn is_shared(message: &MessageDescriptor) -> bool {
    message.full_name().starts_with("google.")
}
