//! What the manifest declares of calls and replies: which are left out, which places are no matter, and how strict readers are.

use std::collections::BTreeMap;

use super::contracts::Promised;
use crate::compare::{Reader, subject};
use crate::contract::openapi::Prepared;
use crate::manifest::{ContractAt, ContractKind, Manifest, Selector};
use crate::model::{At, Call, Direction, Exchange, Observation, Pair, Side};

/// What is declared of the replies to the calls of a recording.
pub(super) struct Declared<'a> {
    /// Of the clients of each side, by the surface and status of the reply: what their contract says.
    prepared: Pair<Option<&'a Prepared>>,
    rejects_unknown: bool,
    ignored: Places<'a>,
    unordered: Places<'a>,
}

/// By subject, for each mixed direction: that in which OLD answers and that in which NEW does.
type Places<'a> = Pair<BTreeMap<&'a str, Vec<At>>>;

impl<'a> Declared<'a> {
    /// Of the service that a recording is of; of none, where nothing is recorded.
    pub(super) fn of(manifest: &'a Manifest, promised: &'a Promised, service: Option<&str>) -> Self {
        // A reader is strict where a contract of its service says that it rejects what it doesn't know.
        let mut contracts = manifest.contracts.iter().filter(|contract| Some(contract.service.as_str()) == service);
        Self {
            prepared: Pair::new(Side::Old, Side::New).map(|side| promised.of(service?, side)),
            rejects_unknown: contracts.any(|contract| contract.rejects_unknown_fields),
            ignored: by_subject(&manifest.compare.ignore),
            unordered: by_subject(&manifest.compare.unordered),
        }
    }

    /// What is known of whoever reads the reply to that call in this direction.
    pub(super) fn reader(&self, subject: &str, direction: Direction, reply: &Observation) -> Reader<'a> {
        let status = reply.answer().map(|answer| answer.status);
        let prepared = *self.prepared.get(direction.from);
        let promises = prepared.zip(status).and_then(|(all, status)| all.reply(subject, status));
        Reader { rejects_unknown: self.rejects_unknown, promises }
    }

    /// Places of a reply that are not compared.
    pub(super) fn ignored(&self, subject: &str, direction: Direction) -> &[At] {
        places(&self.ignored, subject, direction)
    }

    /// Places of lists that have no order.
    pub(super) fn unordered(&self, subject: &str, direction: Direction) -> &[At] {
        places(&self.unordered, subject, direction)
    }
}

fn by_subject(selectors: &[Selector]) -> Places<'_> {
    Pair::new(Side::Old, Side::New).map(|answering| {
        let direction = Direction::mixed_from(answering.other());
        let mut all = BTreeMap::<&str, Vec<At>>::new();
        for selector in selectors.iter().filter(|selector| selector.direction.is_none_or(|only| only == direction)) {
            all.entry(selector.subject.as_str()).or_default().push(selector.at.clone());
        }
        all
    })
}

fn places<'s>(all: &'s Places<'_>, subject: &str, direction: Direction) -> &'s [At] {
    all.get(direction.to).get(subject).map_or(&[], Vec::as_slice)
}

/// Left out by the manifest, or a document that is compared as a contract and not as a reply.
pub(super) fn is_left_out(manifest: &Manifest, service: &str, call: &Call) -> bool {
    is_contract(manifest, service, call) || is_skipped(manifest, call)
}

/// Left out by the manifest: by its subject, or by the path as it was recorded.
pub(super) fn is_skipped(manifest: &Manifest, call: &Call) -> bool {
    let skip = &manifest.replay.skip;
    !skip.is_empty() && {
        let (plain, name) = (format!("{} {}", call.method, call.path()), subject(call, |_| false));
        skip.iter().any(|skipped| *skipped == plain || *skipped == name)
    }
}

/// A document that the manifest names as a contract is compared as one, and not as a reply.
pub(super) fn is_contract(manifest: &Manifest, service: &str, call: &Call) -> bool {
    let here = manifest
        .contracts
        .iter()
        .filter(|contract| contract.service == service && contract.kind != ContractKind::Protobuf);
    here.flat_map(|contract| [&contract.at.old, &contract.at.new])
        .any(|at| matches!(at, ContractAt::Url(target) if call.path() == target.split('?').next().unwrap_or_default()))
}

/// The surface of a call by its recording alone: whatever is bound has no name of its own.
pub(super) fn surface(exchange: &Exchange) -> String {
    let is_bound = |segment| {
        let at = At::Segment(segment);
        exchange.bindings.iter().any(|binding| binding.at.within.is_empty() && binding.at.at == at)
    };
    subject(&exchange.call, is_bound)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::manifest::{Client, ContractSpec};

    #[track_caller]
    fn check(service: &str, target: &str, expected: bool) {
        let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/formats/recording-1.0.jsonl"));
        let made = Manifest::for_urls("http://127.0.0.1:1", "http://127.0.0.1:2", &[file], Client::Any, false);
        let mut manifest = made.unwrap_or_else(|e| panic!("{e}"));
        let at = ContractAt::Url("/openapi.json?v=1".to_owned());
        manifest.contracts.push(ContractSpec {
            service: "shop".to_owned(),
            kind: ContractKind::OpenApi,
            at: Pair::new(at.clone(), at),
            rejects_unknown_fields: false,
        });
        manifest.replay.skip = vec!["GET /metrics".to_owned(), "GET /orders/{}".to_owned()];
        let call = Call { method: "GET".to_owned(), target: target.to_owned(), ..Call::default() };
        assert_eq!(is_left_out(&manifest, service, &call), expected, "{service} {target}");
    }

    #[test]
    fn a_path_is_a_contract_only_of_the_service_that_gives_it() {
        check("shop", "/openapi.json", true);
        check("shop", "/openapi.json?v=2", true);
        check("cart", "/openapi.json", false);
    }

    #[test]
    fn what_the_manifest_skips_is_left_out_by_subject_and_by_path() {
        check("cart", "/metrics", true);
        check("cart", "/metrics/all", false);
        check("cart", "/orders/7", true);
        check("cart", "/orders", false);
    }
}
