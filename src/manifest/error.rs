//! What is wrong with a manifest: all of it at once, each problem with its line, a caret and the fix.
//!
//! Main type: [`ManifestError`]. It shows itself as plain text and, through miette, in colour; it never prints.

use std::fmt;
use std::ops::Range;
use std::path::Path;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use super::excerpt::Excerpt;

/// More than this many problems of one file help nobody.
const SHOWN: usize = 50;

/// A manifest that can't be used, and why: one problem or more.
#[derive(Debug, Clone)]
pub struct ManifestError {
    problems: Vec<Problem>,
    more: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    code: &'static str,
    message: String,
    help: String,
    file: String,
    /// The text and where in it; none where the file could not even be read.
    place: Option<(NamedSource<String>, Range<usize>)>,
}

impl ManifestError {
    /// A problem with the file as a whole.
    pub(super) fn of_file(code: &'static str, file: &Path, message: String, help: String) -> Self {
        let file = file.display().to_string();
        Self { problems: vec![Problem { code, message, help, file, place: None }], more: 0 }
    }

    /// All that is wrong, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many more there are than [`problems`](Self::problems) gives.
    pub fn more(&self) -> usize {
        self.more
    }
}

impl Problem {
    /// What kind of problem it is: `manifest::unknown-key`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Line and column, both from 1, the column in characters.
    pub fn position(&self) -> Option<(usize, usize)> {
        self.place.as_ref().map(|(source, span)| {
            let excerpt = Excerpt::new(source.inner(), span);
            (excerpt.line, excerpt.column)
        })
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                out.write_str("\n\n")?;
            }
            problem.fmt(out)?;
        }
        if self.more > 0 {
            write!(out, "\n\nand {} more", self.more)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((source, span)) = &self.place else {
            return write!(out, "{}: {}\n  = help: {}", self.file, self.message, self.help);
        };
        let excerpt = Excerpt::new(source.inner(), span);
        writeln!(out, "{}:{}:{}: {}", self.file, excerpt.line, excerpt.column, self.message)?;
        let gutter = " ".repeat(excerpt.line.to_string().len());
        writeln!(out, "{gutter} |")?;
        writeln!(out, "{} | {}", excerpt.line, excerpt.text)?;
        writeln!(out, "{gutter} | {}{}", excerpt.before, excerpt.carets)?;
        write!(out, "{gutter} = help: {}", self.help)
    }
}

impl std::error::Error for ManifestError {}

impl std::error::Error for Problem {}

impl Diagnostic for ManifestError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self.problems.as_slice() {
            [only] => Diagnostic::code(only),
            _ => None,
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|(source, _)| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.place.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, span.clone()))))
    }
}

/// Problems as they are found.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Found>);

#[derive(Debug, PartialEq, Eq)]
struct Found {
    code: &'static str,
    span: Range<usize>,
    message: String,
    help: String,
}

impl Problems {
    /// One more.
    pub(super) fn push(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let found = Found { code, span, message: message.into(), help: help.into() };
        if !self.0.contains(&found) {
            self.0.push(found);
        }
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them as an error about `file`, which holds `text`.
    pub(super) fn into_error(mut self, file: &Path, text: &str) -> ManifestError {
        self.0.sort_by_key(|found| (found.span.start, found.span.end));
        let more = self.0.len().saturating_sub(SHOWN);
        self.0.truncate(SHOWN);
        let name = file.display().to_string();
        let problems = self.0.into_iter().map(|found| Problem {
            code: found.code,
            message: found.message,
            help: found.help,
            place: Some((NamedSource::new(name.clone(), text.to_owned()), found.span)),
            file: name.clone(),
        });
        ManifestError { problems: problems.collect(), more }
    }
}
