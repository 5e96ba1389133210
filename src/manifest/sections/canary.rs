//! `[rollout]` and `[canary]`: how many instances, and how much traffic.

use crate::manifest::node::{Table, Value};
use crate::manifest::reading::Reading;
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{CanarySpec, RolloutSpec};

pub(super) static ROLLOUT: Section = Section {
    name: "rollout",
    doc: "Replicas that go from old to new one at a time, as in production.",
    keys: &[
        Key::required("replicas", Shape::Count(1000), "How many instances serve."),
        Key::required(
            "stages",
            Shape::Some(&Shape::Count(1000)),
            "How many of them are new at each checkpoint, ascending.",
        ),
    ],
};

pub(super) static CANARY: Section = Section {
    name: "canary",
    doc: "Whether the new build is slower.",
    keys: &[
        Key::defaulted("requests", Shape::Count(u64::MAX), "2000", "How many requests each build gets."),
        Key::defaulted("concurrency", Shape::Count(100_000), "8", "How many of them at once."),
        Key::defaulted("margin", Shape::Section(&MARGIN), "{}", "By how much the new build may be worse."),
    ],
};

static MARGIN: Section = Section {
    name: "margin",
    doc: "By how much the new build may be worse, as a percentage of the old one.",
    keys: &[
        Key::optional("p50", Shape::Percent, "The median latency."),
        Key::optional("p95", Shape::Percent, "The latency that 95 of 100 requests stay under."),
        Key::optional("p99", Shape::Percent, "The latency that 99 of 100 requests stay under."),
        Key::optional("errors", Shape::Percent, "Failed requests."),
        Key::optional("rss", Shape::Percent, "Resident memory."),
        Key::optional("throughput", Shape::Percent, "Requests a second at saturation."),
    ],
};

pub(super) fn read_rollout(table: &Table, reading: &mut Reading<'_>) -> Option<RolloutSpec> {
    let replicas = table.count("replicas").and_then(|count| u32::try_from(count).ok());
    let mut stages: Vec<u32> = Vec::new();
    for node in table.list("stages") {
        let Value::Count(stage) = node.value else { continue };
        let stage = u32::try_from(stage).ok()?;
        let fault = if stages.last().is_some_and(|last| *last >= stage) {
            "is not above the one before it"
        } else if replicas.is_some_and(|replicas| stage > replicas) {
            "is above `replicas`"
        } else {
            stages.push(stage);
            continue;
        };
        reading.problems.push(
            "manifest::bad-value",
            node.span.clone(),
            format!("the stage {stage} in {} {fault}", table.title),
            "stages ascend, up to the number of replicas: `replicas = 4`, `stages = [1, 2, 4]`",
        );
    }
    Some(RolloutSpec { replicas: replicas?, stages })
}

pub(super) fn read(table: &Table) -> Option<CanarySpec> {
    let margin = table.table("margin")?;
    let measure = |key: &&Key| Some((key.name.to_owned(), margin.share(key.name)?));
    Some(CanarySpec {
        requests: table.count("requests")?,
        concurrency: u32::try_from(table.count("concurrency")?).ok()?,
        margin: MARGIN.keys.iter().filter_map(|key| measure(&key)).collect(),
    })
}
