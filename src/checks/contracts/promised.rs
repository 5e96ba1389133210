//! What the contracts of a manifest say that clients are prepared for, read once for all checks.

use std::collections::BTreeMap;

use crate::contract::Source;
use crate::contract::openapi::Prepared;
use crate::fleet::{Bench, Reach};
use crate::manifest::{ContractKind, Manifest};
use crate::model::{Pair, Side};

/// By service.
#[derive(Debug, Default)]
pub struct Promised(BTreeMap<String, Pair<Option<Prepared>>>);

impl Promised {
    /// Reads them. One that can't be read says nothing here: why, the check of contracts tells.
    pub async fn read(manifest: &Manifest, bench: &Bench) -> Self {
        let mut all = Self::default();
        for spec in manifest.contracts.iter().filter(|spec| spec.kind == ContractKind::OpenApi) {
            let known = all.0.entry(spec.service.clone()).or_default();
            for side in Side::BOTH {
                let at = spec.at.get(bench.played(side));
                let read = bench.texts().read(at, Some(spec.kind), &spec.service, side, Reach::Repository).await;
                let prepared = read.ok().and_then(|source: Source| Prepared::of(&source).ok());
                match (known.get_mut(side), prepared) {
                    (Some(known), Some(prepared)) => known.and(prepared),
                    (slot @ None, prepared) => *slot = prepared,
                    (Some(_), None) => {}
                }
            }
        }
        all
    }

    /// Of the clients of that side of a service.
    pub fn of(&self, service: &str, side: Side) -> Option<&Prepared> {
        self.0.get(service)?.get(side).as_ref()
    }
}
