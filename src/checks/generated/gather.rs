//! Contracts as calls: what each side's clients may send.

use crate::checks::seam::{CheckError, Job};
use crate::contract::openapi::Requests;
use crate::contract::{Source, protobuf};
use crate::fleet::Reach;
use crate::generate::calls::{Calls, OpenApi, Remote};
use crate::manifest::{Client, ContractKind, ContractSpec};
use crate::model::{Direction, Pair, Side};
use crate::traffic::Recording;

/// The clients of one contract, by generation.
pub(super) struct Clients {
    pub(super) service: String,
    /// What the contract is written in, with its number where the service has several such: `openapi`, `protobuf-2`.
    pub(super) name: String,
    /// What each side's contract allows.
    pub(super) calls: Pair<Calls>,
    /// Whose messages are made, and which generation that is.
    pub(super) whose: Vec<(Side, Client)>,
}

/// Reads a contract's both sides.
pub(super) async fn clients(job: &Job<'_>, spec: &ContractSpec) -> Result<Clients, CheckError> {
    let (old, new) = (read(job, spec, Side::Old).await?, read(job, spec, Side::New).await?);
    // A build that is held against itself has one kind of client, which counts for both directions.
    let is_alone = job.bench.played(Side::Old) == job.bench.played(Side::New);
    let whose = if is_alone {
        vec![(Side::Old, Client::Any)]
    } else {
        vec![(Side::Old, Client::Old), (Side::New, Client::New)]
    };
    let name = name(job, spec);
    Ok(Clients { service: spec.service.clone(), name, calls: Pair::new(old, new), whose })
}

/// What one side's clients may say, and have said.
async fn read(job: &Job<'_>, spec: &ContractSpec, side: Side) -> Result<Calls, CheckError> {
    let at = spec.at.get(job.bench.played(side));
    let source = job.bench.texts().read(at, Some(spec.kind), &spec.service, side, Reach::Repository).await?;
    let mut calls = calls(spec.kind, &source)?;
    learn(job, &spec.service, side, &mut calls)?;
    Ok(calls)
}

/// What recorded clients of that side have said, and the service took, is what it knows.
fn learn(job: &Job<'_>, service: &str, side: Side, calls: &mut Calls) -> Result<(), CheckError> {
    /// What was not said by then is not waited for.
    const MOST: usize = 20_000;
    let direction = Direction::mixed_from(job.bench.played(side));
    let specs = job.manifest.recordings.iter().filter(|spec| spec.service == service);
    for spec in specs.filter(|spec| spec.client.directions().contains(&direction)) {
        for exchange in Recording::open(&spec.file)?.given(&job.secrets).exchanges()?.take(MOST) {
            let exchange = exchange?;
            if exchange.reply.as_ref().is_none_or(|reply| reply.status < 400) {
                calls.learn(&exchange);
            }
        }
    }
    Ok(())
}

/// What tells a contract of a service from its others.
fn name(job: &Job<'_>, spec: &ContractSpec) -> String {
    let kind = if spec.kind == ContractKind::Protobuf { "protobuf" } else { "openapi" };
    let mut alike = job.manifest.contracts.iter().filter(|it| it.service == spec.service && it.kind == spec.kind);
    match alike.position(|it| it == spec) {
        None | Some(0) => kind.to_owned(),
        Some(before) => format!("{kind}-{}", before + 1),
    }
}

fn calls(kind: ContractKind, source: &Source) -> Result<Calls, CheckError> {
    Ok(match kind {
        ContractKind::Protobuf => Calls::Remote(Remote::of(&protobuf::load(source)?)),
        ContractKind::OpenApi | ContractKind::JsonSchema => Calls::OpenApi(OpenApi::of(Requests::of(source)?)),
    })
}
