//! What straddle can find: rules, and how bad they are.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; breaks nobody.
    Info,
    /// May break somebody: a person should look.
    Risk,
    /// Breaks the other end.
    Breaking,
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Info => "info",
            Self::Risk => "risk",
            Self::Breaking => "breaking",
        })
    }
}

/// Something that straddle can find. Static: its id is public and never changes its meaning.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// `family/kebab-name`.
    pub id: &'static str,
    /// The worst that this rule says.
    pub severity: Severity,
    /// One line.
    pub summary: &'static str,
    /// Why this breaks the other end, and when it does not.
    pub explanation: &'static str,
    /// How to make the change safely.
    pub remedy: &'static str,
}
