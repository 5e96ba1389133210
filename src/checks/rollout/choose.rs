//! Which sessions run while replicas are replaced: of those that call the same in the same order one each, up to a bound.
//!
//! Sessions of clients that ship with NEW are left to other checks: there are none before a replica is new, and OLD could not
//! stand beside as a control for them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::checks::declared::{is_left_out, surface};
use crate::checks::seam::CheckError;
use crate::manifest::{Client, Manifest};
use crate::model::{Exchange, Side};
use crate::traffic::Recording;

/// As many requests of a session are sent: its first.
const LONGEST: usize = 60;
/// As many sessions run.
const MOST_SESSIONS: usize = 24;

/// A session that runs.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The recording's place in the manifest.
    pub(super) recording: usize,
    /// The service that it calls.
    pub(super) service: String,
    pub(super) session: u64,
    pub(super) exchanges: Vec<Exchange>,
}

/// In as many places a session is broken off to be gone on with after going back.
const MOST_CUTS: usize = 2;

impl Piece {
    /// After how many of its calls it may have left something that later ones of it meet: after its last ones that write, or half
    /// way where none does.
    pub(super) fn cuts(&self) -> Vec<usize> {
        let all = self.exchanges.len();
        let writes = (1..all).rev().filter(|at| !self.exchanges[at - 1].call.is_safe());
        let cuts: Vec<usize> = writes.take(MOST_CUTS).collect();
        if cuts.is_empty() && all > 1 { vec![all / 2] } else { cuts }
    }
}

/// The sessions that run, and what is left out.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    pub(super) pieces: Vec<Piece>,
    /// Sessions that show nothing more.
    pub(super) alike: u64,
    /// Sessions for which there is no room.
    pub(super) too_many: u64,
    /// Recordings of clients that ship with NEW.
    pub(super) of_new: Vec<String>,
}

/// A session as far as it was read.
#[derive(Default)]
struct Open {
    hasher: DefaultHasher,
    requests: usize,
}

/// Chooses among the sessions of all recordings.
pub(super) fn choose(manifest: &Manifest, recordings: &[Recording]) -> Result<Choice, CheckError> {
    let (mut choice, mut known) = (Choice::default(), HashSet::new());
    for (number, (spec, recording)) in manifest.recordings.iter().zip(recordings).enumerate() {
        if spec.client == Client::New {
            choice.of_new.push(spec.name.clone());
            continue;
        }
        let service = manifest.services.iter().find(|service| service.name == spec.service);
        if service.is_none_or(|service| Side::BOTH.iter().any(|side| service.builds.get(*side).run.is_none())) {
            continue;
        }
        let mut open: HashMap<u64, Open> = HashMap::new();
        let mut chosen: BTreeMap<u64, Vec<Exchange>> = BTreeMap::new();
        for exchange in recording.exchanges()? {
            let exchange = exchange?;
            if !is_left_out(manifest, &spec.service, &exchange.call) {
                open.entry(exchange.session).or_default().take(&exchange);
            }
            if exchange.last
                && let Some(whole) = open.remove(&exchange.session)
                && whole.requests > 0
            {
                if !known.insert(whole.hasher.finish()) {
                    choice.alike += 1;
                } else if choice.pieces.len() + chosen.len() >= MOST_SESSIONS {
                    choice.too_many += 1;
                } else {
                    chosen.insert(exchange.session, Vec::new());
                }
            }
        }
        for exchange in recording.exchanges()? {
            let exchange = exchange?;
            if let Some(its) = chosen.get_mut(&exchange.session)
                && its.len() < LONGEST
                && !is_left_out(manifest, &spec.service, &exchange.call)
            {
                its.push(exchange);
            }
        }
        let piece =
            |(session, exchanges)| Piece { recording: number, service: spec.service.clone(), session, exchanges };
        choice.pieces.extend(chosen.into_iter().map(piece));
    }
    Ok(choice)
}

impl Open {
    fn take(&mut self, exchange: &Exchange) {
        self.requests += 1;
        if self.requests <= LONGEST {
            surface(exchange).hash(&mut self.hasher);
            exchange.reply.as_ref().map(|reply| reply.status).hash(&mut self.hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Exchange, Piece};

    #[track_caller]
    fn check(methods: &[&str], expected: &[usize]) {
        let exchange = |method: &&str| {
            let mut exchange = Exchange {
                index: 0,
                session: 0,
                last: false,
                offset_ms: 0,
                call: crate::model::Call::default(),
                reply: None,
                bindings: Vec::new(),
                used: Vec::new(),
                via: crate::model::Via::default(),
            };
            exchange.call.method = (*method).to_owned();
            exchange
        };
        let exchanges = methods.iter().map(exchange).collect();
        let piece = Piece { recording: 0, service: String::new(), session: 0, exchanges };
        assert_eq!(piece.cuts(), expected, "{methods:?}");
    }

    #[test]
    fn sessions_are_broken_off_behind_calls_that_write() {
        check(&["POST", "GET", "POST", "GET", "GET"], &[3, 1]);
        check(&["POST", "PUT", "PATCH", "DELETE", "GET"], &[4, 3]);
        check(&["GET", "POST"], &[1]);
        check(&["GET", "GET", "GET", "GET"], &[2]);
        check(&["POST"], &[]);
    }
}
