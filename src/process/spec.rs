//! What to start, and how its program is found.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::ProcessError;
use super::protocol::{Refusal, RefusalKind};

/// Set in the environment of every process that straddle starts, with a value that no other has: by it a daemon that
/// left its group is still known.
pub const INSTANCE_VARIABLE: &str = "STRADDLE_INSTANCE";

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Program {
    /// Run as it is. A program with a slash in its name is relative to the folder; one without is searched in `PATH`.
    Words(Vec<OsString>),
    /// Run by `sh -c`.
    Sh(String),
}

impl Program {
    /// A program and its arguments.
    pub fn words<W: Into<OsString>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::Words(words.into_iter().map(Into::into).collect())
    }
}

/// What to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// What errors call it: `shop (old)`, `the build of shop (new)`.
    pub name: String,
    /// What is run.
    pub program: Program,
    /// Added to straddle's own environment.
    pub env: Vec<(String, String)>,
    /// Taken out of straddle's own environment.
    pub without: Vec<String>,
    /// Where it runs.
    pub dir: PathBuf,
    /// The file that its output goes to, as well as to memory.
    pub log: Option<PathBuf>,
    /// Whether its standard output is kept apart from the log, for [`super::Finished::stdout`].
    pub capture_stdout: bool,
    /// As whom it runs, where that is not straddle's own user; only root may start others.
    pub user: Option<User>,
    /// What it is sent, and has a moment to follow, wherever it would be sent SIGTERM or SIGKILL: for a program that would
    /// otherwise leave something behind that is no process and no file.
    pub ends_by: Option<Signal>,
}

/// A user of the system, by the numbers of the user and of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct User {
    /// The user.
    pub uid: u32,
    /// The only group that it is of.
    pub gid: u32,
}

impl Spec {
    /// A program in a folder, with straddle's own environment and no log file.
    pub fn new(name: impl Into<String>, program: Program, dir: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program,
            env: Vec::new(),
            without: Vec::new(),
            dir: dir.into(),
            log: None,
            capture_stdout: false,
            user: None,
            ends_by: None,
        }
    }

    /// The same, with a folder that is there, and that means the same to the guardian.
    pub(super) fn in_place(mut self) -> Result<Self, ProcessError> {
        match std::path::absolute(&self.dir) {
            Ok(dir) if dir.is_dir() => self.dir = dir,
            _ => return Err(ProcessError::NoFolder { name: self.name, dir: self.dir }),
        }
        Ok(self)
    }

    /// The words to execute: the program's path first.
    pub(super) fn words(&self) -> Result<Vec<OsString>, ProcessError> {
        match &self.program {
            Program::Sh(script) => Ok(["/bin/sh", "-c", script].iter().map(OsString::from).collect()),
            Program::Words(words) => {
                let mut words = words.clone();
                match words.first_mut() {
                    None => return Err(ProcessError::Empty { name: self.name.clone() }),
                    Some(program) if program.is_empty() => {
                        return Err(ProcessError::Empty { name: self.name.clone() });
                    }
                    Some(program) if has_slash(program) => *program = self.dir.join(&*program).into_os_string(),
                    Some(_) => {}
                }
                Ok(words)
            }
        }
    }

    /// Says why the system would not start it, in words that lead on.
    pub(super) fn explain(&self, refusal: &Refusal) -> ProcessError {
        let written = match &self.program {
            Program::Sh(_) => OsString::from("/bin/sh"),
            Program::Words(words) => words.first().cloned().unwrap_or_default(),
        };
        let there = has_slash(&written).then(|| self.dir.join(&written));
        let is = |test: fn(&Path) -> bool| there.as_deref().is_some_and(test);
        let (reason, next) = match refusal.kind {
            RefusalKind::Missing if there.is_none() => (None, "install it, or put it on the PATH"),
            RefusalKind::Missing if !is(Path::exists) => (None, "build it first, or correct its path"),
            RefusalKind::Missing => (
                Some("the interpreter that its first line names, or its loader, is missing"),
                "install that, or build the program again on this machine",
            ),
            RefusalKind::Denied if is(Path::is_dir) => (Some("it is a folder"), "name the program in it"),
            RefusalKind::Denied => {
                (Some(&*refusal.reason), "make it executable (chmod +x), or run it by its interpreter")
            }
            RefusalKind::Foreign => {
                (Some(&*refusal.reason), "build it on this machine, or give a script its first line (#!/bin/sh)")
            }
            RefusalKind::Other => (Some(&*refusal.reason), "see what the system says, and try again"),
        };
        let (name, dir, program) = (self.name.clone(), self.dir.clone(), written.to_string_lossy().into_owned());
        match reason {
            None => ProcessError::NoProgram { name, program, dir, next },
            Some(reason) => ProcessError::NotRunnable { name, program, dir, reason: reason.to_owned(), next },
        }
    }
}

fn has_slash(program: &std::ffi::OsStr) -> bool {
    program.as_encoded_bytes().contains(&b'/')
}
