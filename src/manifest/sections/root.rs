//! The manifest as a whole.

use std::collections::BTreeMap;
use std::path::Path;

use super::{
    accept, assets, build, canary, compare, contract, gate, generated, messages, recording, replay, service, state,
};
use crate::manifest::node::Table;
use crate::manifest::reading::Reading;
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{Manifest, Secret};

pub(in crate::manifest) static ROOT: Section = Section {
    name: "manifest",
    doc: "What straddle is to check: two builds of a project, their state, and the traffic between them.",
    keys: &[
        Key::required("project", Shape::Section(&PROJECT), "What this is about."),
        Key::required(
            "service",
            Shape::Named(&Shape::Section(&service::SERVICE)),
            "Servers, each in both its versions. Most projects have one.",
        ),
        Key::defaulted(
            "state",
            Shape::Named(&Shape::Section(&state::STATE)),
            "{}",
            "What both versions share in production.",
        ),
        Key::defaulted("recording", Shape::List(&Shape::Section(&recording::RECORDING)), "[]", "Recorded traffic."),
        Key::defaulted(
            "secrets",
            Shape::Numbered(&Shape::Section(&SECRET)),
            "{}",
            "What redaction took out of recordings and no reply gives back: `password` fills `{secret:password#1}`, `\"password#2\"` the next of that name.",
        ),
        Key::defaulted("replay", Shape::Section(&replay::REPLAY), "{}", "How recordings are replayed."),
        Key::defaulted(
            "contract",
            Shape::List(&Shape::Section(&contract::CONTRACT)),
            "[]",
            "API descriptions of both versions.",
        ),
        Key::defaulted(
            "generated",
            Shape::Section(&generated::GENERATED),
            "{}",
            "Messages that contracts allow, sent to both builds.",
        ),
        Key::optional("assets", Shape::Section(&assets::ASSETS), "Pages, and what they refer to across builds."),
        Key::defaulted(
            "messages",
            Shape::Named(&Shape::Section(&messages::MESSAGES)),
            "{}",
            "Queues that cross the versions.",
        ),
        Key::optional("rollout", Shape::Section(&canary::ROLLOUT), "Replicas that go from old to new one at a time."),
        Key::optional("canary", Shape::Section(&canary::CANARY), "Whether the new build is slower."),
        Key::defaulted(
            "compare",
            Shape::Section(&compare::COMPARE),
            "{}",
            "Places that are compared otherwise, or not at all.",
        ),
        Key::defaulted("accept", Shape::List(&Shape::Section(&accept::ACCEPT)), "[]", "Breaks that were decided on."),
        Key::defaulted("gate", Shape::Section(&gate::GATE), "{}", "What fails the run."),
    ],
};

static PROJECT: Section = Section {
    name: "project",
    doc: "What this is about.",
    keys: &[Key::required("name", Shape::Text, "What reports call the project.")],
};

static SECRET: Section = Section {
    name: "secret",
    doc: "Where the value of `{secret:NAME#n}` comes from.",
    keys: &[Key::required("env", Shape::Text, "The environment variable that holds it.")],
};

/// The whole manifest; none where a part of it could not be read, which has been reported.
pub(in crate::manifest) fn manifest(root: &Table, file: &Path, reading: &mut Reading<'_>) -> Option<Manifest> {
    reading.services = names(root, "service");
    reading.states = names(root, "state");
    if root.is_written("service") && reading.services.is_empty() {
        reading.problems.push(
            "manifest::missing-key",
            root.key_span("service"),
            "there is no service in this manifest",
            "add a section `[service.NAME]` with its `ready`, and `[service.NAME.old]` and `[service.NAME.new]`",
        );
    }
    // Every part is read before any missing one ends it, so that all problems come out at once.
    let services: Vec<_> = root.named("service").map(|(name, table)| service::read(name, table, reading)).collect();
    let states: Vec<_> = root.named("state").map(|(name, table)| state::read(name, table, reading)).collect();
    let recordings: Vec<_> = root.tables("recording").map(|table| recording::read(table, reading)).collect();
    let contracts: Vec<_> = root.tables("contract").map(|table| contract::read(table, reading)).collect();
    let assets = root.table("assets").map(|table| assets::read(table, reading));
    let rollout = root.table("rollout").map(|table| canary::read_rollout(table, reading));
    let accept: Vec<_> = root.tables("accept").map(|table| accept::read(table, reading)).collect();
    let replay = root.table("replay").map(|table| replay::read(table, reading));
    let compare = root.table("compare").map(|table| compare::read(table, reading));
    let generated = root.table("generated").and_then(|table| generated::read(table, reading));
    build::refuse_state(root, reading);
    service::refuse_cycles(reading);

    Some(Manifest {
        file: file.to_owned(),
        folder: reading.folder.to_owned(),
        project: root.table("project")?.text("name")?.to_owned(),
        services: services.into_iter().collect::<Option<_>>()?,
        states: states.into_iter().collect::<Option<_>>()?,
        recordings: recordings.into_iter().collect::<Option<_>>()?,
        secrets: secrets(root)?,
        replay: replay??,
        contracts: contracts.into_iter().collect::<Option<_>>()?,
        generated: generated?,
        assets: flat(assets)?,
        messages: root.named("messages").map(|(name, table)| messages::read(name, table)).collect::<Option<_>>()?,
        rollout: flat(rollout)?,
        canary: flat(root.table("canary").map(canary::read))?,
        compare: compare??,
        accept: accept.into_iter().collect::<Option<_>>()?,
        gate: gate::read(root.table("gate")?)?,
    })
}

fn names(root: &Table, key: &str) -> Vec<String> {
    let entries = root.table(key).map(|table| table.entries.as_slice()).unwrap_or_default();
    entries.iter().map(|entry| entry.key.clone()).collect()
}

fn secrets(root: &Table) -> Option<BTreeMap<String, Secret>> {
    let secret = |(name, table): (&str, &Table)| Some((name.to_owned(), Secret { env: table.text("env")?.to_owned() }));
    root.named("secrets").map(secret).collect()
}

/// A section that is absent is none; one that could not be read ends it all.
#[expect(clippy::option_option, reason = "absent and unreadable are not the same")]
fn flat<T>(section: Option<Option<T>>) -> Option<Option<T>> {
    match section {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}
