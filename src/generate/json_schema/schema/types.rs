//! Sets of the kinds of values that a schema can tell apart.

use std::ops::{BitAnd, BitOr, Not};

use serde_json::Value;

/// A set of kinds. A number that is whole is an integer and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Types(u8);

impl Types {
    pub(in super::super) const NONE: Self = Self(0);
    pub(in super::super) const NULL: Self = Self(1);
    pub(in super::super) const BOOLEAN: Self = Self(2);
    /// Whole numbers.
    pub(in super::super) const INTEGER: Self = Self(4);
    /// Numbers that are not whole.
    pub(in super::super) const FRACTION: Self = Self(8);
    pub(in super::super) const STRING: Self = Self(16);
    pub(in super::super) const ARRAY: Self = Self(32);
    pub(in super::super) const OBJECT: Self = Self(64);
    pub(in super::super) const NUMBER: Self = Self(4 | 8);
    pub(in super::super) const ALL: Self = Self(127);

    /// Each kind for itself, the simplest first.
    pub(in super::super) const EACH: [Self; 7] =
        [Self::NULL, Self::BOOLEAN, Self::INTEGER, Self::FRACTION, Self::STRING, Self::ARRAY, Self::OBJECT];

    /// What `type` names.
    pub(super) fn named(value: &Value) -> Self {
        match value {
            Value::String(name) => match name.as_str() {
                "null" => Self::NULL,
                "boolean" => Self::BOOLEAN,
                "integer" => Self::INTEGER,
                "number" => Self::NUMBER,
                "string" => Self::STRING,
                "array" => Self::ARRAY,
                "object" => Self::OBJECT,
                _ => Self::NONE,
            },
            Value::Array(names) => names.iter().map(Self::named).fold(Self::NONE, |all, one| all | one),
            _ => Self::NONE,
        }
    }

    /// The kind of a value.
    pub(in super::super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if number.is_f64() => {
                if number.as_f64().is_some_and(|float| float.fract() == 0.0) {
                    Self::INTEGER
                } else {
                    Self::FRACTION
                }
            }
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(in super::super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(in super::super) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitAnd for Types {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Types {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl Not for Types {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0 & Self::ALL.0)
    }
}
