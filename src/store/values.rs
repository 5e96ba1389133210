//! What placeholders are filled with, in the commands and environments of one instance or one store.

use std::collections::BTreeMap;
use std::path::Path;

use super::Location;
use crate::manifest::{CommandSpec, placeholders};
use crate::model::Side;
use crate::process::Program;

/// Values by the name of their placeholder: `port.grpc`, `state.db.url`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// What everything of a side has: `{side}` and `{host}`.
    pub fn of(side: Side) -> Self {
        let mut values = Self::default();
        values.set("side", side.as_str());
        values.set("host", "127.0.0.1");
        values
    }

    /// Sets one.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Sets `{dir}`.
    pub fn set_dir(&mut self, dir: &Path) {
        self.set("dir", dir.display().to_string());
    }

    /// Sets `{state.NAME.path}` and `{state.NAME.url}`.
    pub fn set_state(&mut self, name: &str, location: &Location) {
        self.set(format!("state.{name}.path"), location.path.display().to_string());
        self.set(format!("state.{name}.url"), location.url.clone());
    }

    /// The text with its placeholders filled in; the error says which one has no value here.
    pub fn fill(&self, text: &str) -> Result<String, String> {
        placeholders::fill(text, &|name| self.get(name)).map_err(|error| error.to_string())
    }

    /// The command with its placeholders filled in. Words are filled one by one, so that a value with a space stays one word.
    pub fn command(&self, command: &CommandSpec) -> Result<Program, String> {
        command.fill(&|name| self.get(name)).map(program).map_err(|error| error.to_string())
    }

    /// The variables with their placeholders filled in.
    pub fn environment(&self, variables: &BTreeMap<String, String>) -> Result<Vec<(String, String)>, String> {
        variables.iter().map(|(name, value)| Ok((name.clone(), self.fill(value)?))).collect()
    }

    /// Those variables that can be filled in with what is known; the others are left out.
    pub fn known_environment(&self, variables: &BTreeMap<String, String>) -> Vec<(String, String)> {
        variables.iter().filter_map(|(name, value)| Some((name.clone(), self.fill(value).ok()?))).collect()
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

/// What a command is to the one that runs it.
pub fn program(command: CommandSpec) -> Program {
    match command {
        CommandSpec::Words(words) => Program::words(words),
        CommandSpec::Sh(script) => Program::Sh(script),
    }
}

/// A command as a person reads it.
pub fn shown(program: &Program) -> String {
    match program {
        Program::Words(words) => words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "),
        Program::Sh(script) => script.clone(),
    }
}
