//! All builds of a manifest, made ready to run.

use std::path::Path;

use super::source::{Build, Job, Source, source};
use super::{FleetError, RunFolder};
use crate::manifest::{Manifest, Service};
use crate::model::{BuildFacts, Events, Pair, Side};
use crate::process::Guardian;

/// The builds of one side, one for each service of the manifest, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Builds(Vec<Build>);

impl Builds {
    /// What this side is: the facts of its first service.
    pub fn facts(&self) -> BuildFacts {
        self.0.first().map(|build| build.facts.clone()).unwrap_or_default()
    }

    /// Each service's build, in the manifest's order.
    pub fn all(&self) -> &[Build] {
        &self.0
    }
}

/// Makes the builds of both sides, OLD's first: two builds at once would only get into each other's way.
///
/// What this release can't do at all is said before anything is built.
pub async fn prepare(
    manifest: &Manifest,
    guardian: &Guardian,
    events: &Events,
    run: &RunFolder,
    cache: &Path,
) -> Result<Pair<Builds>, FleetError> {
    // For the case that this process is killed and can't do so itself.
    guardian.cleanup_on_exit(&run.scratches())?;
    let mut sources: Vec<(&Service, Side, Box<dyn Source>)> = Vec::new();
    for side in Side::BOTH {
        for service in &manifest.services {
            sources.push((service, side, source(service, side)?));
        }
    }
    let mut builds = Pair::<Builds>::default();
    for (service, side, source) in sources {
        let name = name(manifest, service, side.as_str());
        let job = Job { name: &name, service, side, guardian, events, run, cache };
        builds.get_mut(side).0.push(source.make(&job).await?);
    }
    Ok(builds)
}

/// What `who` of that service is called: by itself where there is one service only.
pub(super) fn name(manifest: &Manifest, service: &Service, who: &str) -> String {
    if manifest.services.len() == 1 { who.to_owned() } else { format!("{who} {}", service.name) }
}
