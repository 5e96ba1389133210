//! What is known of two schemas, whoever asks: they are compared once, wherever they meet.

use serde_json::Value;

use crate::contract::Position;
use crate::model::{Rule, Severity};

/// What is known of a writer's and a reader's schema.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) breaks: Vec<Break>,
    /// Why not all is known.
    pub(super) unknown: Option<Blind>,
}

/// What could not be decided.
#[derive(Debug)]
pub(super) struct Blind {
    pub(super) why: String,
    pub(super) writer: Option<Position>,
    pub(super) reader: Option<Position>,
}

/// Something that the writer may write and the reader refuses.
#[derive(Debug, Clone)]
pub(super) struct Break {
    pub(super) rule: &'static Rule,
    /// From `$`.
    pub(super) at: String,
    /// Whether it is null that stands where nothing may stand.
    pub(super) is_null_for_absent: bool,
    pub(super) written: Value,
    pub(super) refusal: String,
    pub(super) writer: Option<Position>,
    pub(super) reader: Option<Position>,
}

/// Something that schemas say beside which values they allow.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Noted {
    pub(in crate::contract::openapi) rule: &'static Rule,
    pub(in crate::contract::openapi) severity: Severity,
    /// Of the writer and the reader, which are put in for `{writer}` and `{reader}`.
    pub(in crate::contract::openapi) message: String,
    /// From `$`.
    pub(in crate::contract::openapi) at: String,
    pub(in crate::contract::openapi) writer: Option<Position>,
    pub(in crate::contract::openapi) reader: Option<Position>,
}

impl Noted {
    /// What a rule notes; where, is known to who asks.
    pub(in crate::contract::openapi) fn of(rule: &'static Rule, severity: Severity, message: String) -> Self {
        Self { rule, severity, message, at: String::new(), writer: None, reader: None }
    }
}
