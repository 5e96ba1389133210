//! An error on its way to a person.

use std::error::Error;
use std::io::Write;

use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};
use owo_colors::OwoColorize;

use super::exit::Exit;
use super::output::masked;
use crate::engine::EngineError;
use crate::manifest::ManifestError;
use crate::report::visible;

/// Why a command could not do its job, and the exit code that this comes to.
pub(super) struct Failure {
    exit: Exit,
    cause: Cause,
}

enum Cause {
    Manifest(Box<ManifestError>),
    Other(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// The command line asks for what can't be.
    pub fn usage(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { exit: Exit::USAGE, cause: Cause::Other(error.into()) }
    }

    /// The surroundings are in the way.
    pub fn environment(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { exit: Exit::ENVIRONMENT, cause: Cause::Other(error.into()) }
    }

    /// Prints it to stderr; gives the exit code.
    pub fn tell(self) -> Exit {
        let mut out = anstream::stderr().lock();
        // Nobody is left to hear that stderr is closed.
        let _ = match &self.cause {
            Cause::Manifest(error) => tell_problems(&mut out, error),
            Cause::Other(error) => tell_error(&mut out, error.as_ref()),
        };
        self.exit
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        Self { exit: Exit::USAGE, cause: Cause::Manifest(Box::new(error)) }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self { exit: Exit::of(error.exit()), cause: Cause::Other(Box::new(error)) }
    }
}

/// The message, then each cause that the messages before it have not told already.
fn tell_error(out: &mut impl Write, error: &(dyn Error + 'static)) -> std::io::Result<()> {
    let mut told = error.to_string();
    writeln!(out, "{} {}", "error:".red().bold(), harmless(&told))?;
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !told.contains(&text) {
            writeln!(out, "  because {}", harmless(&text))?;
            told.push_str(&text);
        }
        next = cause.source();
    }
    Ok(())
}

/// An error may quote the log of a build, over several lines.
fn harmless(text: &str) -> String {
    masked(text).lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// Each problem of a manifest with its excerpt.
fn tell_problems(out: &mut impl Write, error: &ManifestError) -> std::io::Result<()> {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme {
        characters: ThemeCharacters::unicode(),
        styles: ThemeStyles::ansi(),
    })
    .with_width(WIDTH);
    for (index, problem) in error.problems().iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let mut text = String::new();
        // Writing to memory can't fail.
        let _ = handler.render_report(&mut text, problem);
        writeln!(out, "{} {}", "error:".red().bold(), text.trim())?;
    }
    if error.more() > 0 {
        writeln!(out, "\nand {} more", error.more())?;
    }
    Ok(())
}

/// Wide enough for a line of a manifest, narrow enough for half a screen.
const WIDTH: usize = 100;
