//! What is wrong with a manifest: all of it at once, each problem with its line, a caret and the fix.
//!
//! Main type: [`ManifestError`]. `{}` is one line that says where; `{:#}` is all of it as plain text, with excerpts and
//! fixes; miette draws the same in colour. It never prints.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use super::database::veiled;
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
    place: Option<(NamedSource<Arc<str>>, Range<usize>)>,
}

impl ManifestError {
    /// A problem with the file as a whole.
    pub(super) fn of_file(code: &'static str, file: &Path, message: String, help: String) -> Self {
        let file = file.display().to_string();
        Self { problems: vec![Problem { code, message, help, file, place: None }], more: 0 }
    }

    /// The problem, where there is just one.
    fn only(&self) -> Option<&Problem> {
        if let [only] = self.problems.as_slice() { Some(only) } else { None }
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
        let Some((first, others)) = self.problems.split_first() else { return Ok(()) };
        first.fmt(out)?;
        if !out.alternate() {
            let others = others.len() + self.more;
            return if others > 0 { write!(out, " (and {others} more)") } else { Ok(()) };
        }
        for problem in others {
            write!(out, "\n\n{problem:#}")?;
        }
        if self.more > 0 { write!(out, "\n\nand {} more", self.more) } else { Ok(()) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((source, span)) = &self.place else {
            write!(out, "{}: {}", self.file, self.message)?;
            return if out.alternate() { write!(out, "\n  = help: {}", self.help) } else { Ok(()) };
        };
        let excerpt = Excerpt::new(source.inner(), span);
        write!(out, "{}:{}:{}: {}", self.file, excerpt.line, excerpt.column, self.message)?;
        if !out.alternate() {
            return Ok(());
        }
        let gutter = " ".repeat(excerpt.line.to_string().len());
        writeln!(out, "\n{gutter} |")?;
        writeln!(out, "{} | {}", excerpt.line, excerpt.text)?;
        writeln!(out, "{gutter} | {}{}", excerpt.before, excerpt.carets)?;
        write!(out, "{gutter} = help: {}", self.help)
    }
}

impl std::error::Error for ManifestError {}

impl std::error::Error for Problem {}

impl Diagnostic for ManifestError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.only().and_then(Diagnostic::code)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.only().and_then(Diagnostic::help)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.only().and_then(Diagnostic::source_code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.only().and_then(Diagnostic::labels)
    }

    /// All of them, where there are several; one alone is the error itself.
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let all = self.problems.iter().map(|problem| problem as &dyn Diagnostic);
        if self.only().is_some() { None } else { Some(Box::new(all)) }
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
        self.0.push(Found { code, span, message: message.into(), help: help.into() });
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them as an error about `file`, which holds `text`.
    pub(super) fn into_error(mut self, file: &Path, text: &str) -> ManifestError {
        self.0.sort_by_key(|found| (found.span.start, found.span.end));
        // What stands in a service's environment is looked at for each of its builds.
        self.0.dedup();
        let more = self.0.len().saturating_sub(SHOWN);
        self.0.truncate(SHOWN);
        let name = file.display().to_string();
        let text: Arc<str> = veiled(text).into();
        let problems = self.0.into_iter().map(|found| Problem {
            code: found.code,
            message: found.message,
            help: found.help,
            place: Some((NamedSource::new(name.clone(), Arc::clone(&text)), found.span)),
            file: name.clone(),
        });
        ManifestError { problems: problems.collect(), more }
    }
}
