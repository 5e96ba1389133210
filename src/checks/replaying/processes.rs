//! Processes under replay: which ended, and which logged a panic, where their controls did neither.

use super::cells::{CONTROL, MIXED, MIXED_TWIN, TWIN};
use super::tally::ProcessCandidate;
use crate::checks::conduct::{self, Misdeed, log_at, shapes};
use crate::fleet::Server;
use crate::model::Direction;

/// Looks at the four processes of a service after a pass. Both mixed ones must show it, and neither control.
pub(super) fn look(service: &str, servers: &[&Server], direction: Direction) -> Vec<ProcessCandidate> {
    let died = |lane: usize| servers[lane].died().map(|death| death.exit.to_string());
    let mut found = Vec::new();
    if let (Some(how), Some(_), None, None) = (died(MIXED), died(MIXED_TWIN), died(CONTROL), died(TWIN)) {
        found.extend(conduct::died(&how, direction));
    }
    let known = shapes([servers[CONTROL], servers[TWIN]]);
    let (mixed, twin) = (shapes([servers[MIXED]]), shapes([servers[MIXED_TWIN]]));
    found.extend(conduct::logged(
        service,
        mixed.intersection(&twin).filter(|shape| !known.contains(*shape)),
        direction,
    ));
    let candidate = |Misdeed { at, rule, hit }| ProcessCandidate {
        service: service.to_owned(),
        rule: rule.id.to_owned(),
        severity: hit.severity,
        at,
        message: hit.message,
        after: u64::MAX,
        seen: 0,
    };
    found.into_iter().map(candidate).collect()
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

/// How the controls did, for the report.
pub(super) fn control_trouble(servers: &[&Server]) -> Option<String> {
    [CONTROL, TWIN].iter().find_map(|lane| servers[*lane].died()).map(|death| format!("died: {}", death.exit))
}
