//! `straddle rules`: all that straddle can find.

use std::fmt::Write;

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::output;
use crate::checks;

/// List all that straddle can find, with the worst that each says
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle rules; then: straddle explain http/field-removed")]
pub(super) struct Rules {}

impl Rules {
    #[expect(clippy::unused_self, reason = "as all commands")]
    pub fn run(self) -> Result<Exit, Failure> {
        let width = checks::rules().map(|rule| rule.id.len()).max().unwrap_or(0);
        let mut text = String::new();
        for rule in checks::rules() {
            let severity = rule.severity.to_string();
            // Writing to memory can't fail.
            let _ = writeln!(text, "{:width$}  {severity:8}  {}", rule.id, rule.summary);
        }
        output::print(&text).map(|()| Exit::COMPATIBLE)
    }
}
