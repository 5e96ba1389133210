//! What sections share while they are read: the folder, the names that the manifest gives out, the problems found so far.
//!
//! Main type: [`Reading`].

use std::path::{Path, PathBuf};

use super::error::Problems;
use super::excerpt::quoted;
use super::nearest::nearest;
use super::node::{Node, Span, Table, Value};
use super::placeholders::{Piece, pieces, shell_pieces};
use super::shape::listed;
use super::{CommandSpec, SourceSpec};
use crate::model::{Pair, Side};

/// A manifest that is being read.
pub(super) struct Reading<'t> {
    /// The whole text.
    pub text: &'t str,
    /// What paths are relative to.
    pub folder: &'t Path,
    /// What the command line puts in the place of each side's source.
    pub sources: &'t Pair<Option<SourceSpec>>,
    /// Whether recordings must be there.
    pub recordings: Recordings,
    /// `[service.NAME]`, faulty ones too.
    pub services: Vec<String>,
    /// `[state.NAME]`, faulty ones too.
    pub states: Vec<String>,
    /// `{service.NAME.url}` wherever it stands.
    pub references: Vec<Reference>,
    /// What is wrong.
    pub problems: Problems,
}

/// Whether the files of `[[recording]]` must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recordings {
    /// They are to be replayed.
    MustExist,
    /// They may be what is about to be made.
    MayLack,
}

/// One service's need of another's URL.
#[derive(Debug)]
pub(super) struct Reference {
    /// In which side's build.
    pub side: Side,
    /// Who needs it.
    pub from: String,
    /// Whose.
    pub to: String,
    /// Where that is said.
    pub span: Span,
}

/// Where a text stands, and so what can be filled into it.
#[derive(Clone, Copy)]
pub(super) enum Filled<'a> {
    /// `run` or `env` of a service with these ports, on these sides.
    Instance { service: &'a str, ports: &'a [String], sides: &'a [Side] },
    /// A command that prepares this state; whether it is one side's.
    State { state: &'a str, of_side: bool },
    /// `build`: the result serves every instance, so nothing is.
    Build,
}

impl<'t> Reading<'t> {
    /// The beginning of one, with what the values' shapes gave cause to say.
    pub(super) fn new(
        text: &'t str,
        folder: &'t Path,
        sources: &'t Pair<Option<SourceSpec>>,
        recordings: Recordings,
        problems: Problems,
    ) -> Self {
        let (services, states, references) = (Vec::new(), Vec::new(), Vec::new());
        Self { text, folder, sources, recordings, services, states, references, problems }
    }

    /// A path of the manifest, absolute.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        resolve(self.folder, text)
    }

    /// A path that must lead to something: a `what`.
    pub(super) fn existing(&mut self, table: &Table, key: &str, what: Existing) -> Option<PathBuf> {
        let node = table.get(key)?;
        self.existing_at(node.as_text()?, node, key, &table.title, what)
    }

    /// The same for a path that is a part of a value.
    pub(super) fn existing_at(
        &mut self,
        text: &str,
        node: &Node,
        key: &str,
        title: &str,
        what: Existing,
    ) -> Option<PathBuf> {
        let path = self.path(text);
        let found = match what {
            Existing::File => path.is_file(),
            Existing::Folder => path.is_dir(),
            Existing::Either => path.exists(),
        };
        if !found {
            let there = if path.exists() { "it is something else" } else { "nothing is there" };
            self.problems.push(
                "manifest::missing-file",
                node.span.clone(),
                format!("`{key}` in {title} leads to no {}: {there}", what.noun()),
                format!("looked at {}; paths are relative to the folder of the manifest", quoted_path(&path)),
            );
        }
        found.then_some(path)
    }

    /// The name of a service that the manifest has.
    pub(super) fn service(&mut self, table: &Table) -> Option<String> {
        let node = table.get("service")?;
        let name = node.as_text()?;
        if !self.services.iter().any(|known| known == name) {
            let help = known_names("service", name, &self.services);
            let message = format!("{} in {} is no service of this manifest", quoted(name), table.title);
            self.problems.push("manifest::unknown-name", node.span.clone(), message, help);
            return None;
        }
        Some(name.to_owned())
    }

    /// The line on which something begins, from 1.
    pub(super) fn line(&self, span: &Span) -> usize {
        self.text[..span.start].matches('\n').count() + 1
    }

    /// Two keys that exclude each other.
    pub(super) fn conflict(&mut self, table: &Table, key: &str, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push("manifest::conflict", table.key_span(key), message, help);
    }

    /// Checks every placeholder of a text or command.
    pub(super) fn placeholders(&mut self, node: &Node, key: &str, filled: Filled<'_>) {
        match &node.value {
            Value::Text(text) => self.pieces(text, pieces(text), node, key, filled),
            Value::Command(CommandSpec::Sh(text)) => self.pieces(text, shell_pieces(text), node, key, filled),
            Value::Command(CommandSpec::Words(words)) => {
                for word in words {
                    self.pieces(word, pieces(word), node, key, filled);
                }
            }
            _ => {}
        }
    }

    fn pieces(&mut self, text: &str, pieces: Vec<Piece<'_>>, node: &Node, key: &str, filled: Filled<'_>) {
        for piece in pieces {
            match piece {
                Piece::Literal(_) => {}
                Piece::Placeholder(name) => {
                    let span = self.span_of(&format!("{{{name}}}"), &node.span);
                    self.placeholder(name, span, key, filled);
                }
                // Nothing is filled into a build's command, so its braces are its own.
                Piece::Stray(_) if matches!(filled, Filled::Build) => {}
                Piece::Stray(at) => {
                    let rest: String = text[at..].chars().take_while(|c| !c.is_whitespace()).collect();
                    let span = self.span_of(&rest, &node.span);
                    self.problems.push(
                        "manifest::unknown-placeholder",
                        span,
                        format!("this brace in `{key}` belongs to no placeholder"),
                        "write `{{` and `}}` for the braces themselves",
                    );
                }
            }
        }
    }

    fn placeholder(&mut self, name: &str, span: Span, key: &str, filled: Filled<'_>) {
        let mut parts = name.splitn(3, '.');
        let parts = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let fault = match (filled, parts) {
            (Filled::Build, ("port" | "host" | "dir" | "side" | "state" | "service", _, _)) => Some(
                "`build` runs once for all instances, so nothing is filled into it; use it in `run` or `env`"
                    .to_owned(),
            ),
            (Filled::Build, _)
            | (Filled::Instance { .. }, ("port" | "host" | "dir" | "side", None, None))
            | (Filled::State { of_side: true, .. }, ("side", None, None)) => None,
            (Filled::Instance { ports, .. }, ("port", Some(port), None)) => {
                // No ports at all: what was written there was no list of names, and that has been said.
                (!ports.is_empty() && !ports.iter().any(|known| known == port))
                    .then(|| known_names("port", port, ports))
            }
            (Filled::Instance { service, sides, .. }, ("service", Some(other), Some("url"))) => {
                let known = self.services.iter().any(|known| known == other);
                if known {
                    let reference =
                        |&side| Reference { side, from: service.into(), to: other.into(), span: span.clone() };
                    self.references.extend(sides.iter().map(reference));
                }
                (!known).then(|| known_names("service", other, &self.services))
            }
            (Filled::Instance { .. }, ("state", Some(state), Some("url" | "path"))) => {
                let known = self.states.iter().any(|known| known == state);
                (!known).then(|| known_names("state", state, &self.states))
            }
            (Filled::State { state, .. }, ("state", Some(other), Some("url" | "path"))) => {
                (state != other).then(|| format!("only its own state is ready when it runs: `{state}`"))
            }
            _ => Some(self.fillable(name, filled)),
        };
        if let Some(help) = fault {
            let message = format!("{} can't be filled into `{key}`", quoted(&format!("{{{name}}}")));
            self.problems.push("manifest::unknown-placeholder", span, message, help);
        }
    }

    /// What can be filled in, for somebody who wrote `name`.
    fn fillable(&self, name: &str, filled: Filled<'_>) -> String {
        let mut known: Vec<String> = Vec::new();
        let of_state = |state: &String| [format!("state.{state}.url"), format!("state.{state}.path")];
        match filled {
            Filled::Instance { service, ports, .. } => {
                known.extend(["port", "host", "dir", "side"].map(str::to_owned));
                known.extend(ports.iter().map(|port| format!("port.{port}")));
                known.extend(self.states.iter().flat_map(of_state));
                let others = self.services.iter().filter(|other| *other != service);
                known.extend(others.map(|other| format!("service.{other}.url")));
            }
            Filled::State { state, of_side } => {
                known.extend(of_state(&state.to_owned()));
                known.extend(of_side.then(|| "side".to_owned()));
            }
            Filled::Build => {}
        }
        let meant = nearest(name, known.iter().map(String::as_str));
        let meant = meant.map(|name| format!("did you mean `{{{name}}}`? ")).unwrap_or_default();
        let known: Vec<_> = known.iter().map(|name| format!("{{{name}}}")).collect();
        let known = listed(known.iter().map(String::as_str));
        format!("{meant}here there are {known}; write `{{{{` and `}}}}` for the braces themselves")
    }

    /// Where `part` stands in the text of `span`; all of it where escapes hide it.
    fn span_of(&self, part: &str, span: &Span) -> Span {
        let offset = self.text.get(span.clone()).and_then(|text| text.find(part));
        offset.map_or_else(|| span.clone(), |offset| span.start + offset..span.start + offset + part.len())
    }
}

/// A path that is written relative to `folder`. `.` is the folder itself; else it stays as it is written, links included.
pub(super) fn resolve(folder: &Path, text: &str) -> PathBuf {
    if text == "." { folder.to_owned() } else { folder.join(text) }
}

/// What a path must lead to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Existing {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// One of the two.
    Either,
}

impl Existing {
    fn noun(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Either => "file or folder",
        }
    }
}

fn known_names(what: &str, name: &str, known: &[String]) -> String {
    if known.is_empty() {
        return format!("this manifest has no {what}; add a section `[{what}.{}]`", name.trim_matches('`'));
    }
    let meant = nearest(name, known.iter().map(String::as_str));
    let meant = meant.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
    format!("{meant}known: {}", listed(known.iter().map(String::as_str)))
}

fn quoted_path(path: &Path) -> String {
    format!(
        "`{}`",
        path.display().to_string().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>()
    )
}
