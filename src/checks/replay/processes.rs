//! Processes under replay: which ended, and which logged a panic, where their controls did neither.

use std::collections::BTreeSet;

use super::cells::{CONTROL, MIXED, MIXED_TWIN, TWIN};
use super::tally::ProcessCandidate;
use crate::compare::rules;
use crate::compare::{Reader, Spot, What};
use crate::fleet::Server;
use crate::model::{At, Direction, fingerprint};

/// Looks at the four processes of a service after a pass. Both mixed ones must show it, and neither control.
pub(super) fn look(service: &str, servers: &[&Server], direction: Direction) -> Vec<ProcessCandidate> {
    let died = |lane: usize| servers[lane].died().map(|death| death.exit.to_string());
    let mut found = Vec::new();
    let reader = Reader::default();
    let mut ask = |at: &str, what: What<'_>| {
        let spot = Spot {
            at: At::Header(at.to_owned()),
            direction,
            failing: false,
            used: false,
            sent: false,
            reader: &reader,
            what,
        };
        if let Some((rule, hit)) = rules::first(&spot) {
            found.push(ProcessCandidate {
                service: service.to_owned(),
                rule: rule.id.to_owned(),
                severity: hit.severity,
                at: at.to_owned(),
                message: hit.message,
                after: u64::MAX,
                seen: 0,
            });
        }
    };
    if let (Some(how), Some(_), None, None) = (died(MIXED), died(MIXED_TWIN), died(CONTROL), died(TWIN)) {
        ask("process", What::Process { died: Some(&how), trouble: None });
    }
    let shapes =
        |lane: usize| servers[lane].troubles().into_iter().map(|trouble| trouble.shape).collect::<Vec<String>>();
    let known: BTreeSet<String> = shapes(CONTROL).into_iter().chain(shapes(TWIN)).collect();
    let twin: BTreeSet<String> = shapes(MIXED_TWIN).into_iter().collect();
    // The shape is shown, and not the line: it is the same in every run. Each trouble is a finding of its own.
    let news: BTreeSet<String> = shapes(MIXED).into_iter().filter(|s| !known.contains(s) && twin.contains(s)).collect();
    for shape in &news {
        ask(&log_at(service, direction, shape), What::Process { died: None, trouble: Some(shape) });
    }
    found
}

/// What the controls of a service logged, by the places that findings of it would have.
pub(super) fn known(service: &str, servers: &[&Server], direction: Direction) -> Vec<(String, String)> {
    let troubles = [CONTROL, TWIN].into_iter().flat_map(|lane| servers[lane].troubles());
    troubles.map(|trouble| (service.to_owned(), log_at(service, direction, &trouble.shape))).collect()
}

/// A mixed server that ended where its twin went on: that may be chance, and what it would have said is not known.
pub(super) fn half(service: &str, servers: &[&Server], direction: Direction) -> Option<String> {
    let how = match (servers[MIXED].died(), servers[MIXED_TWIN].died()) {
        (Some(death), None) | (None, Some(death)) => death.exit.to_string(),
        _ => return None,
    };
    Some(format!("process {service} ({direction}): the {} server ended and its twin went on: {how}", direction.to))
}

fn log_at(service: &str, direction: Direction, shape: &str) -> String {
    let id = fingerprint("log", service, direction, shape);
    format!("log {}", &id[..8])
}

/// How the controls did, for the report.
pub(super) fn control_trouble(servers: &[&Server]) -> Option<String> {
    [CONTROL, TWIN].iter().find_map(|lane| servers[*lane].died()).map(|death| format!("died: {}", death.exit))
}
