//! compare

/// Rules.
pub mod rules {
    use crate::model::{Rule, Severity};

    static SAMPLE: Rule = Rule {
        id: "http/field-removed",
        severity: Severity::Breaking,
        summary: "a field that the control has is gone",
        explanation: "A client of the other version reads this field and finds nothing.",
        remedy: "Keep sending the field until no client reads it any more.",
    };

    /// All rules.
    pub static ALL: &[&Rule] = &[&SAMPLE];
}
