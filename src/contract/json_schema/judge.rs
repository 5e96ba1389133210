//! What the validators say: the real ones, of each schema's own dialect.
//!
//! Nothing is said to break that they don't show.

use std::fmt;

use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::Dialect;

/// A schema's validator, in which `format` and the content keywords only annotate and nothing is fetched.
#[derive(Debug)]
pub struct Judge {
    validator: Validator,
}

impl Judge {
    /// The validator, or why there is none: an invalid schema or expression, a reference to elsewhere.
    pub fn of(schema: &Value, dialect: Dialect) -> Result<Self, Invalid> {
        let options = jsonschema::options()
            .with_draft(dialect.draft())
            .offline()
            .should_validate_formats(false)
            .without_content_media_type_support("application/json")
            .without_content_encoding_support("base64");
        options.build(schema).map(|validator| Self { validator }).map_err(|error| Invalid::of(&error))
    }

    /// Whether it accepts a document.
    pub fn accepts(&self, document: &Value) -> bool {
        self.validator.is_valid(document)
    }

    /// Why it refuses a document.
    pub fn refusals<'a>(&'a self, document: &'a Value) -> Vec<ValidationError<'a>> {
        /// Beyond these, no person reads on.
        const MOST: usize = 50;
        self.validator.iter_errors(document).take(MOST).collect()
    }
}

/// Why a schema is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where, as a pointer.
    pub pointer: String,
    /// What is wrong.
    pub what: String,
    /// Nothing is wrong, but it refers to what isn't here.
    pub is_elsewhere: bool,
}

impl Invalid {
    fn of(error: &ValidationError<'_>) -> Self {
        let pointer = error.instance_path().to_string();
        let text = error.to_string();
        match text.split_once(" is not present in a registry") {
            Some((resource, _)) => {
                let what = format!("a `$ref` to elsewhere is not fetched: {}", resource.replace('\'', "`"));
                Self { pointer, what, is_elsewhere: true }
            }
            None => Self { pointer, what: text, is_elsewhere: false },
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)?;
        if self.pointer.is_empty() { Ok(()) } else { write!(out, " (`#{}`)", self.pointer) }
    }
}
