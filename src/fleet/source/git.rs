//! `git`: a commit of a repository, checked out in the cache and built there once.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::repository::Repository;
use super::{Build, Job, Site, Source};
use crate::fleet::FleetError;
use crate::fleet::cache::{Slot, Stamp};
use crate::fleet::commands::BuildCommand;
use crate::model::{BuildFacts, Event};

/// A commit of a repository.
pub(super) struct GitSource {
    pub(super) repo: PathBuf,
    pub(super) reference: String,
}

#[async_trait]
impl Source for GitSource {
    async fn make(&self, job: &Job<'_>) -> Result<Build, FleetError> {
        if !self.repo.is_dir() {
            return Err(no_folder(job, self.repo.clone()));
        }
        let repository = Repository { guardian: job.guardian, folder: &self.repo };
        let reference = repository.meant(&self.reference).await?;
        let commit = repository.commit(&reference).await?;
        let (common, prefix) = repository.place().await?;
        let slot = Slot::lock(job.cache, &common, &commit, || {
            (job.events)(Event::Warning(format!("{}: waiting for another run that builds {reference}", job.name)));
        })
        .await?;
        self.check_out(&repository, &slot, &commit).await?;
        let folder = slot.tree().join(&prefix);
        if !folder.is_dir() {
            return Err(no_folder(job, folder));
        }
        self.build(job, &slot, &folder, &prefix).await?;
        let label = job.service.builds.get(job.side).label.clone().unwrap_or(reference);
        let facts = BuildFacts { label, commit: Some(commit), dirty: false };
        Ok(Build { facts, site: Site::Folder { path: folder, ours: true } })
    }
}

impl GitSource {
    async fn check_out(&self, repository: &Repository<'_>, slot: &Slot, commit: &str) -> Result<(), FleetError> {
        let tree = slot.tree();
        if !slot.needs_tree() && is_at(repository, &tree, commit).await? {
            return Ok(());
        }
        slot.begin()?;
        slot.clear()?;
        let path = tree.display().to_string();
        // Forced, since the repository may still have the tree on its list that has just been removed.
        repository.must(&["worktree", "add", "--force", "--detach", &path, commit]).await?;
        slot.end()
    }

    async fn build(&self, job: &Job<'_>, slot: &Slot, folder: &Path, prefix: &str) -> Result<(), FleetError> {
        let Some(command) = BuildCommand::of(job) else { return Ok(()) };
        let stamp = Stamp::of(std::iter::once(prefix.as_bytes()).chain(command.parts()));
        if slot.is_built(&stamp) {
            (job.events)(Event::Built { build: job.name.to_owned(), cached: true });
            return Ok(());
        }
        slot.begin()?;
        command.run(job, folder).await?;
        slot.built(&stamp)
    }
}

fn no_folder(job: &Job<'_>, folder: PathBuf) -> FleetError {
    FleetError::NoFolder { service: job.service.name.clone(), side: job.side, folder }
}

/// Whether the checkout is one of that commit still: its repository may have been moved or made anew since.
async fn is_at(repository: &Repository<'_>, tree: &Path, commit: &str) -> Result<bool, FleetError> {
    let answer = Repository { guardian: repository.guardian, folder: tree }.ask(&["rev-parse", "HEAD"]).await?;
    Ok(answer.ok && answer.out == commit)
}
