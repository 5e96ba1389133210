//! Why no documents are made of a schema.

/// Why no documents are made of a schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unmade {
    /// It is no schema of its dialect, or refers to what isn't there.
    #[error("{0}")]
    Invalid(String),
    /// It asks of a value what it already asks of that value.
    #[error("a `$ref` leads back to itself without looking into the value")]
    Endless,
    /// Nothing was found that matches an expression.
    #[error("no text was found that matches `{0}`")]
    Expression(String),
    /// Nothing was found that it allows.
    #[error("nothing was found that the schema allows")]
    Nothing,
}
