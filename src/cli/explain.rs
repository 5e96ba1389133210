//! `straddle explain`: what a rule means, why it breaks, how to make the change safely.

use clap::Args;

use super::exit::Exit;
use super::failure::Failure;
use super::output;
use super::surroundings::stdout_style;
use crate::checks;
use crate::manifest;
use crate::model::Rule;
use crate::report::wrap;

/// Say what a rule means, why it breaks the other end, and how to make the change safely
#[derive(Debug, Args)]
#[command(after_help = "Example: straddle explain http/field-removed")]
pub(super) struct Explain {
    /// The rule's id, as findings and `straddle rules` name it
    rule: String,
}

impl Explain {
    pub fn run(self) -> Result<Exit, Failure> {
        let rule = checks::rules().find(|rule| rule.id == self.rule).ok_or_else(|| unknown(&self.rule))?;
        output::print(&explained(rule, stdout_style().width)).map(|()| Exit::COMPATIBLE)
    }
}

fn explained(rule: &Rule, width: usize) -> String {
    let mut text = format!("{}  {} at worst\n", rule.id, rule.severity);
    for (heading, body) in
        [("", rule.summary), ("Why it breaks", rule.explanation), ("How to make the change safely", rule.remedy)]
    {
        text.push('\n');
        if !heading.is_empty() {
            text.push_str(heading);
            text.push('\n');
        }
        for paragraph in body.split('\n') {
            for row in wrap(paragraph, width.saturating_sub(2)) {
                text.push_str(format!("  {row}").trim_end());
                text.push('\n');
            }
        }
    }
    text
}

fn unknown(id: &str) -> Failure {
    let hint = manifest::nearest(id, checks::rules().map(|rule| rule.id))
        .map_or_else(|| "`straddle rules` lists them".to_owned(), |meant| format!("did you mean `{meant}`?"));
    Failure::usage(format!("there is no rule `{id}`; {hint}"))
}
