//! Why builds could not be made or stood up. Each error names the build or the instance, and the next step. All of them are
//! about the environment: none is a finding.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::Side;
use crate::process::ProcessError;
use crate::store::StoreError;

/// Why a build could not be made, or an arrangement not be stood up.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// A kind of source or readiness that this release doesn't have.
    #[error("service `{service}`: {what} is not in this release: use {instead}")]
    Unavailable {
        /// Whose it is.
        service: String,
        /// What was asked for.
        what: &'static str,
        /// What there is.
        instead: &'static str,
    },
    /// There is no git.
    #[error("`git` could not be run, and a build is given as `git`: install git, or give the build as `path`")]
    NoGit,
    /// A ref is none.
    #[error("`{reference}` is no commit of {}: {why}", repo.display())]
    NoRef {
        /// The repository.
        repo: PathBuf,
        /// What was asked for.
        reference: String,
        /// What git says, or what is wrong with it.
        why: String,
    },
    /// `latest-tag`, and no tag before HEAD.
    #[error("`latest-tag` finds no tag before HEAD in {}: make a tag, fetch the tags (`git fetch --tags`), or name a commit", repo.display())]
    NoTag {
        /// The repository.
        repo: PathBuf,
    },
    /// Nothing stands there in a commit.
    #[error("`{path}` is not in `{reference}` of {}: `git ls-tree -r --name-only {reference}` lists what is", repo.display())]
    NotCommitted {
        /// The repository.
        repo: PathBuf,
        /// The commit as it was asked for.
        reference: String,
        /// The path in it.
        path: String,
    },
    /// What stands there in a commit is more than any contract.
    #[error("the files beside `{path}` in `{reference}` of {} have more than {limit} bytes together: name a folder of its own, or the file alone", repo.display())]
    TooMuch {
        /// The repository.
        repo: PathBuf,
        /// The commit as it was asked for.
        reference: String,
        /// The path in it.
        path: String,
        /// In bytes.
        limit: u64,
    },
    /// A build does not give its contract.
    #[error(
        "the {side} build of service `{service}` does not give its contract at `{target}`: {why}; correct `url`, or name a file by `path`"
    )]
    NotServed {
        /// Whose build.
        service: String,
        /// Which of the two.
        side: Side,
        /// What was asked for.
        target: String,
        /// What came instead.
        why: String,
    },
    /// Git failed.
    #[error("`git {command}` failed in {}{}", repo.display(), tail(lines))]
    Git {
        /// The repository.
        repo: PathBuf,
        /// What was run.
        command: String,
        /// Its last lines.
        lines: Vec<String>,
    },
    /// The folder that a build lies in doesn't exist.
    #[error("the {side} build of service `{service}` has no folder {}", folder.display())]
    NoFolder {
        /// Whose build.
        service: String,
        /// Which of the two.
        side: Side,
        /// Where it should be.
        folder: PathBuf,
    },
    /// A build command failed.
    #[error("the {side} build of service `{service}` failed, {why}: `{command}`{}", tail(lines))]
    Build {
        /// Whose build.
        service: String,
        /// Which of the two.
        side: Side,
        /// How it ended.
        why: String,
        /// The command.
        command: String,
        /// Its last lines.
        lines: Vec<String>,
    },
    /// A build has nothing that starts it.
    #[error("the {side} build of service `{service}` has no `run`: say what starts it, or give it as `url`")]
    NoRun {
        /// Whose build.
        service: String,
        /// Which of the two.
        side: Side,
    },
    /// An instance did not become ready.
    #[error("`{instance}` did not become ready: {why}{}", tail(lines))]
    NotReady {
        /// Which one.
        instance: String,
        /// It died, or it took too long.
        why: String,
        /// The last lines of its log.
        lines: Vec<String>,
    },
    /// A build that straddle did not start doesn't answer.
    #[error("`{instance}`: {url} does not answer within {} s: start it, or correct `url`", limit.as_secs_f64())]
    NotThere {
        /// Which one.
        instance: String,
        /// Where it should be.
        url: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// Services wait for each other.
    #[error(
        "services {} of the {side} side wait for each other's address: take `{{service.NAME.url}}` out of one of them",
        quoted(services)
    )]
    Cycle {
        /// Whose builds.
        side: Side,
        /// Which ones.
        services: Vec<String>,
    },
    /// An arrangement shares a state that takes one process at a time.
    #[error("state `{state}` says `shared = false`, so {} can't stand on it at once", quoted(members))]
    NotShared {
        /// Which state.
        state: String,
        /// Who would share it.
        members: Vec<String>,
    },
    /// A placeholder has no value here.
    #[error("`{instance}`: {message}")]
    Placeholder {
        /// Whose command or environment.
        instance: String,
        /// What is wrong with it.
        message: String,
    },
    /// A readiness pattern is none, or a URL.
    #[error("service `{service}`: {message}")]
    Service {
        /// Whose it is.
        service: String,
        /// What is wrong.
        message: String,
    },
    /// No port could be had.
    #[error("no free port on 127.0.0.1 for `{instance}`: {error}")]
    Port {
        /// Who needs it.
        instance: String,
        /// What the system says.
        error: io::Error,
    },
    /// No balancer could be put before the instances.
    #[error("no balancer could be put before `{service}`: {message}")]
    Balancer {
        /// Whose instances.
        service: String,
        /// What the system says.
        message: String,
    },
    /// The file system refused.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// What was tried: `cannot write`.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A command could not be run, or didn't end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A task of straddle's own was cut off.
    #[error("starting the instances was cut off: run it again")]
    CutOff,
    /// A store could not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FleetError {
    /// Which command of the manifest on a store failed, and how, if that is what it is.
    pub fn failed_command(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Store(StoreError::Command { step, why, .. }) => Some((step, why)),
            _ => None,
        }
    }

    pub(super) fn io<'a>(doing: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Self + 'a {
        move |error| Self::Io { doing, path: path.to_owned(), error }
    }
}

fn tail(lines: &[String]) -> String {
    if lines.is_empty() { "; it printed nothing".to_owned() } else { format!("\n  {}", lines.join("\n  ")) }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
