//! `path`: a folder as it is. Built each time, since nobody can tell what changed in it.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::repository::Repository;
use super::{Build, Job, Site, Source};
use crate::fleet::FleetError;
use crate::fleet::commands::BuildCommand;
use crate::model::BuildFacts;

/// A folder.
pub(super) struct PathSource {
    pub(super) folder: PathBuf,
}

#[async_trait]
impl Source for PathSource {
    async fn make(&self, job: &Job<'_>) -> Result<Build, FleetError> {
        let gone =
            |_| FleetError::NoFolder { service: job.service.name.clone(), side: job.side, folder: self.folder.clone() };
        let folder = std::fs::canonicalize(&self.folder).map_err(gone)?;
        // Before the build, which may leave files of its own.
        let facts = facts(job, &folder).await?;
        if let Some(command) = BuildCommand::of(job) {
            command.run(job, &folder).await?;
        }
        Ok(Build { facts, site: Site::Folder { path: folder, ours: false } })
    }
}

async fn facts(job: &Job<'_>, folder: &Path) -> Result<BuildFacts, FleetError> {
    let label = job.service.builds.get(job.side).label.clone();
    let repository = Repository { guardian: job.guardian, folder };
    let commit = match commit(&repository).await {
        // A folder needs no git: where there is none, no commit is known.
        Err(FleetError::NoGit) => None,
        other => other?,
    };
    let Some(commit) = commit else {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let label = label.or(name).unwrap_or_else(|| folder.display().to_string());
        return Ok(BuildFacts { label, commit: None, dirty: false });
    };
    let changes = repository.must(&["status", "--porcelain", "--", ".", ":(exclude).straddle"]).await?;
    let label = label.unwrap_or_else(|| "working tree".to_owned());
    Ok(BuildFacts { label, commit: Some(commit), dirty: !changes.is_empty() })
}

/// The commit that the folder is of: none where it merely lies below a repository that doesn't have it.
async fn commit(repository: &Repository<'_>) -> Result<Option<String>, FleetError> {
    let tracked = repository.ask(&["rev-parse", "--verify", "--quiet", "HEAD:./"]).await?;
    if !tracked.ok {
        return Ok(None);
    }
    let head = repository.ask(&["rev-parse", "HEAD"]).await?;
    Ok(head.ok.then_some(head.out))
}
