//! The texts of contracts, from where they stand: a file or folder, a commit, or the running build itself.

use std::collections::BTreeMap;
use std::path::Path;

use super::source::{Reach, committed};
use super::{Arrangement, Bench, FleetError};
use crate::contract::{Source, Tree};
use crate::manifest::{ContractAt, ContractKind};
use crate::model::{Call, Side};
use crate::process::Guardian;
use crate::wire::grpc::reflect;
use crate::wire::http::Http;
use crate::wire::{Asked, Endpoint, Limits, Protocol};

/// Reads contracts.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    /// The folder that the paths of commits start at.
    pub folder: &'a Path,
    /// Who runs git; not needed where no commit is asked for.
    pub guardian: Option<&'a Guardian>,
    /// Who stands builds up that are asked for their contracts.
    pub bench: Option<&'a Bench>,
}

impl Bench {
    /// What reads the contracts of these builds.
    pub fn texts(&self) -> Texts<'_> {
        let inner = &self.inner;
        Texts { folder: &inner.manifest.folder, guardian: Some(&inner.guardian), bench: Some(self) }
    }

    /// The side that stands in for that one: the same, unless a build is held against itself.
    pub fn played(&self, side: Side) -> Side {
        self.inner.plays.unwrap_or(side)
    }
}

impl Texts<'_> {
    /// The contract of that service and side.
    pub async fn read(
        &self,
        at: &ContractAt,
        kind: Option<ContractKind>,
        service: &str,
        side: Side,
        reach: Reach,
    ) -> Result<Source, FleetError> {
        match at {
            ContractAt::Path(path) => Ok(self.local(path)),
            ContractAt::Git { reference, path } => {
                let guardian = self.guardian.ok_or(FleetError::NoGit)?;
                let (tree, path) = committed(guardian, self.folder, reference, path, reach).await?;
                Ok(Source { tree, path })
            }
            ContractAt::Url(target) => self.served(service, side, target, kind).await,
        }
    }

    /// A file, in the widest tree that is its project's own: what it refers to may stand beside or above it. A folder is all there is.
    pub fn local(&self, path: &Path) -> Source {
        if path.is_dir() {
            return Source { tree: Tree::Folder(path.to_owned()), path: String::new() };
        }
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (absolute, folder) = (whole(path), whole(self.folder));
        let own = absolute.parent().unwrap_or(Path::new("/"));
        let project = own.ancestors().find(|above| above.join(".git").exists());
        let project = project.unwrap_or(if absolute.starts_with(&folder) { &folder } else { own });
        let relative = absolute.strip_prefix(project).unwrap_or(&absolute);
        Source { tree: Tree::Folder(project.to_owned()), path: relative.to_string_lossy().into_owned() }
    }

    async fn served(
        &self,
        service: &str,
        side: Side,
        target: &str,
        kind: Option<ContractKind>,
    ) -> Result<Source, FleetError> {
        let reflects = kind == Some(ContractKind::Protobuf);
        let failed =
            |why: String| FleetError::NotServed { service: service.to_owned(), side, target: target.to_owned(), why };
        let bench = self.bench.ok_or_else(|| failed("no build is there to be asked".to_owned()))?;
        let mut served = bench.inner.served.lock().await;
        let key = (service.to_owned(), bench.played(side), target.to_owned());
        let bytes = if let Some(bytes) = served.get(&key) {
            bytes.clone()
        } else {
            let bytes = ask(bench, service, side, (!reflects).then_some(target), &failed).await?;
            served.insert(key, bytes.clone());
            bytes
        };
        let path = if reflects {
            "reflection.fds".to_owned()
        } else {
            target.split('?').next().unwrap_or_default().trim_start_matches('/').to_owned()
        };
        Ok(Source { tree: Tree::Held(BTreeMap::from([(path.clone(), bytes)])), path })
    }
}

/// What a build gives, which is stood up for it: at that target, or by reflection.
async fn ask(
    bench: &Bench,
    service: &str,
    side: Side,
    target: Option<&str>,
    failed: &(dyn Fn(String) -> FleetError + Sync),
) -> Result<Vec<u8>, FleetError> {
    let standing = bench.stand_up(&Arrangement::alone(side)).await?;
    let server = standing.server(side.as_str(), service).ok_or_else(|| failed("it does not stand".to_owned()))?;
    let endpoint = if target.is_some() { None } else { server.grpc() }.or_else(|| server.endpoint()).cloned();
    let endpoint = endpoint.ok_or_else(|| failed("it has no port".to_owned()))?;
    let said = if let Some(target) = target {
        get(&endpoint, target).await
    } else {
        let reflected = reflect(&Http::new(), &endpoint, &Limits::default()).await;
        reflected.map(|bytes| bytes.to_vec()).map_err(|error| error.to_string())
    };
    standing.take_down().await?;
    said.map_err(failed)
}

async fn get(endpoint: &Endpoint, target: &str) -> Result<Vec<u8>, String> {
    let call = Call {
        method: "GET".to_owned(),
        target: target.to_owned(),
        metadata: [("Accept", "*/*"), ("Accept-Encoding", "identity")].into_iter().collect(),
        ..Call::default()
    };
    let http = Http::new();
    let reply = http.send(endpoint, &call, &Limits::default()).await.map_err(|fault| fault.to_string())?;
    if reply.status != 200 {
        return Err(format!("it answers {}", reply.status));
    }
    let bytes = http.decode(&Asked::default(), &reply).content.bytes;
    bytes.map(|bytes| bytes.to_vec()).ok_or_else(|| "its body can't be read".to_owned())
}
