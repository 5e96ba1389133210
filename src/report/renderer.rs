//! The seam of report formats, and their names.

use thiserror::Error;

use super::{json::Json, junit::Junit, terminal::Terminal};
use crate::model::Run;

/// A report format.
pub trait Renderer: Sync {
    /// The name that `--report` takes.
    fn name(&self) -> &'static str;
    /// The run in this format, with a line break at its end.
    fn render(&self, run: &Run, style: &Style) -> String;
}

/// What the place can show that a report is written to. Formats for machines look at none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether it shows colours.
    pub colour: bool,
    /// How many columns it has.
    pub width: usize,
}

/// A format that `--report` can't give.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FormatError {
    /// Known, but it comes later.
    #[error("report format `{0}` is not in this release; it has {has}", has = list())]
    NotYet(String),
    /// No format has that name.
    #[error("there is no report format `{0}`; this release has {has}", has = list())]
    Unknown(String),
}

/// The renderer of that name.
pub fn renderer(name: &str) -> Result<&'static dyn Renderer, FormatError> {
    match RENDERERS.iter().find(|renderer| renderer.name() == name) {
        Some(renderer) => Ok(*renderer),
        None if LATER.contains(&name) => Err(FormatError::NotYet(name.to_owned())),
        None => Err(FormatError::Unknown(name.to_owned())),
    }
}

static RENDERERS: [&dyn Renderer; 3] = [&Terminal, &Json, &Junit];

/// Public names whose formats a later release brings.
const LATER: [&str; 4] = ["sarif", "html", "github", "markdown"];

fn list() -> String {
    RENDERERS.map(Renderer::name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Renderer, renderer};

    #[test]
    fn a_later_format_is_told_apart_from_no_format() {
        let of = |name| renderer(name).map(Renderer::name).map_err(|error| error.to_string());
        assert_eq!(of("junit"), Ok("junit"));
        assert_eq!(
            of("sarif"),
            Err("report format `sarif` is not in this release; it has terminal, json, junit".to_owned())
        );
        assert_eq!(
            of("xml"),
            Err("there is no report format `xml`; this release has terminal, json, junit".to_owned())
        );
    }
}
