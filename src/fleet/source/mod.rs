//! Where builds come from. [`Source`] is the seam: one kind of `[service.NAME.old]` is one file here.

mod files;
mod git;
mod path;
mod repository;
mod url;

pub use files::{Reach, committed};

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::{FleetError, RunFolder};
use crate::manifest::{Service, SourceSpec};
use crate::model::{BuildFacts, Events, Side};
use crate::process::Guardian;

/// One way to get a build.
#[async_trait]
pub trait Source: Send + Sync {
    /// Makes the build ready to run, and says what it is.
    async fn make(&self, job: &Job<'_>) -> Result<Build, FleetError>;
}

/// What is to be made, and with what.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// What events and logs call it: `old`, or `old cart` where there are several services.
    pub name: &'a str,
    /// Whose build.
    pub service: &'a Service,
    /// Which of the two.
    pub side: Side,
    /// Who runs commands.
    pub guardian: &'a Guardian,
    /// Who is told.
    pub events: &'a Events,
    /// Where logs go.
    pub run: &'a RunFolder,
    /// Where builds are kept from one run to the next.
    pub cache: &'a Path,
}

/// A build that is ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// What it is.
    pub facts: BuildFacts,
    /// Where it is.
    pub site: Site,
}

/// Where a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    /// In this folder, where its `run` starts it.
    Folder {
        /// The folder.
        path: PathBuf,
        /// Whether straddle made it, so that its path is nobody's own and may be folded out of messages.
        ours: bool,
    },
    /// Running already, at this URL.
    Running(String),
}

impl Site {
    /// The folder, where there is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder { path, .. } => Some(path),
            Self::Running(_) => None,
        }
    }
}

/// The source of that build, where this release has its kind.
pub fn source(service: &Service, side: Side) -> Result<Box<dyn Source>, FleetError> {
    match &service.builds.get(side).source {
        SourceSpec::Path(folder) => Ok(Box::new(path::PathSource { folder: folder.clone() })),
        SourceSpec::Git { repo, reference } => {
            Ok(Box::new(git::GitSource { repo: repo.clone(), reference: reference.clone() }))
        }
        SourceSpec::Url(url) => Ok(Box::new(url::UrlSource { url: url.clone() })),
        SourceSpec::Image(_) => Err(FleetError::Unavailable {
            service: service.name.clone(),
            what: "an `image` build",
            instead: "`git`, `path` or `url`",
        }),
    }
}
