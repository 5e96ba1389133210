//! What processes do besides answering: one that ends, or logs a panic that its controls never log, is a finding even where
//! the reply was fine.

use std::collections::BTreeSet;

use crate::compare::{Hit, What, rules};
use crate::fleet::Server;
use crate::model::{Direction, Evidence, Rule, fingerprint};

/// What a process did that none of the controls' did.
#[derive(Debug)]
pub(super) struct Misdeed {
    /// Where it stands: `process`, or `log` and what tells this trouble from others.
    pub(super) at: String,
    pub(super) rule: &'static Rule,
    pub(super) hit: Hit,
}

/// It ended, and how.
pub(super) fn died(how: &str, direction: Direction) -> Option<Misdeed> {
    misdeed("process".to_owned(), What::Process { died: Some(how), trouble: None }, direction)
}

/// It logged those troubles, each of which is a finding of its own. The shape is shown and not the line: it is the same in every
/// run.
pub(super) fn logged<'s>(
    service: &str,
    shapes: impl IntoIterator<Item = &'s String>,
    direction: Direction,
) -> Vec<Misdeed> {
    let of = |shape: &'s String| {
        misdeed(log_at(service, direction, shape), What::Process { died: None, trouble: Some(shape) }, direction)
    };
    shapes.into_iter().filter_map(of).collect()
}

/// What a server did that none of its controls did.
pub(super) fn misdeeds<'s>(
    server: &Server,
    controls: impl Iterator<Item = &'s Server>,
    direction: Direction,
) -> Vec<Misdeed> {
    let controls: Vec<&Server> = controls.collect();
    let death = server.died().filter(|_| controls.iter().all(|control| control.died().is_none()));
    let mut found: Vec<Misdeed> =
        death.and_then(|death| died(&death.exit.to_string(), direction)).into_iter().collect();
    let (known, shapes) = (shapes(controls), shapes([server]));
    found.extend(logged(&server.service, shapes.difference(&known), direction));
    found
}

/// The shapes of all troubles that these have logged.
pub(super) fn shapes<'s>(servers: impl IntoIterator<Item = &'s Server>) -> BTreeSet<String> {
    servers.into_iter().flat_map(Server::troubles).map(|trouble| trouble.shape).collect()
}

/// The place of a trouble in a service's log.
pub(super) fn log_at(service: &str, direction: Direction, shape: &str) -> String {
    let id = fingerprint("log", service, direction, shape);
    format!("log {}", &id[..8])
}

/// What stands beside a finding of a process.
pub(super) fn evidence() -> Evidence {
    Evidence { expected: "a process that goes on in silence".into(), ..Evidence::default() }
}

fn misdeed(at: String, what: What<'_>, direction: Direction) -> Option<Misdeed> {
    rules::beyond_replies(what, direction).map(|(rule, hit)| Misdeed { at, rule, hit })
}
