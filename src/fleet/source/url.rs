//! `url`: somebody else runs it. There is nothing to build, to start or to stop, and nothing is known of its commit.

use async_trait::async_trait;

use super::{Build, Job, Site, Source};
use crate::fleet::FleetError;
use crate::model::BuildFacts;

/// A build that runs already.
pub(super) struct UrlSource {
    pub(super) url: String,
}

#[async_trait]
impl Source for UrlSource {
    async fn make(&self, job: &Job<'_>) -> Result<Build, FleetError> {
        let label = job.service.builds.get(job.side).label.clone().unwrap_or_else(|| self.url.clone());
        Ok(Build { facts: BuildFacts { label, commit: None, dirty: false }, site: Site::Running(self.url.clone()) })
    }
}
