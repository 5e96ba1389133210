//! Which sessions can't be sent without which secrets.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::redaction::missing;
use crate::model::secret::placeholders;
use crate::model::{Body, Exchange, Metadata, Reply};

/// What the sessions of a recording need, found by going through its exchanges in order. Grows with the sessions that
/// are open, and with those that need something.
#[derive(Debug, Default)]
pub(super) struct Needs {
    /// By session the placeholders that its replies have given out so far.
    given: HashMap<u64, HashSet<String>>,
    /// By session what no reply gives.
    unmet: BTreeMap<u64, BTreeSet<String>>,
}

impl Needs {
    /// Takes in the next exchange.
    pub(super) fn add(&mut self, exchange: &Exchange) {
        for key in missing(&exchange.call) {
            let written = format!("#{}", key.rsplit('#').next().unwrap_or_default());
            let bound = exchange.bindings.iter().any(|binding| {
                binding.value.contains(&written)
                    && placeholders(binding.value.as_bytes()).any(|found| found.key() == key)
            });
            let given = || self.given.get(&exchange.session).is_some_and(|given| given.contains(&key));
            if !bound && !given() {
                self.unmet.entry(exchange.session).or_default().insert(key);
            }
        }
        if exchange.last {
            self.given.remove(&exchange.session);
        } else if let Some(reply) = &exchange.reply {
            for key in given_by(reply) {
                self.given.entry(exchange.session).or_default().insert(key);
            }
        }
    }

    /// By session, the names and numbers of the secrets that only a manifest can give.
    pub(super) fn end(self) -> BTreeMap<u64, BTreeSet<String>> {
        self.unmet
    }
}

/// The names and numbers of the placeholders that a recorded reply holds: what its live counterpart gives for them is filled
/// into later calls.
pub fn given_by(reply: &Reply) -> Vec<String> {
    let mut keys = Vec::new();
    let mut look = |bytes: &[u8]| keys.extend(placeholders(bytes).map(|found| found.key()));
    let mut all = |metadata: &Metadata| metadata.iter().for_each(|(_, value)| look(value.as_bytes()));
    all(&reply.metadata);
    all(&reply.trailers);
    if let Body::Frames(frames) = &reply.body {
        for frame in frames {
            look(frame);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Call, Via};

    #[test]
    fn a_session_needs_what_no_earlier_reply_of_it_gives() {
        let exchange = |index, session, target: &str, body: &str| Exchange {
            index,
            session,
            last: false,
            offset_ms: 0,
            call: Call { method: "GET".into(), target: target.into(), ..Call::default() },
            reply: Some(Reply { status: 200, body: Body::of(body.to_owned()), ..Reply::default() }),
            bindings: Vec::new(),
            used: Vec::new(),
            via: Via::default(),
        };
        let mut needs = Needs::default();
        for (index, (session, target, body)) in (0..).zip([
            (0, "/login?password={secret:password#1}", "{\"token\":\"{secret:token#1}\"}"),
            (0, "/me?token={secret:token#1}", ""),
            (1, "/me?token={secret:token#1}", ""),
            (2, "/", ""),
        ]) {
            needs.add(&exchange(index, session, target, body));
        }
        let unmet: Vec<(u64, Vec<String>)> =
            needs.end().into_iter().map(|(session, keys)| (session, keys.into_iter().collect())).collect();
        assert_eq!(unmet, [(0, vec!["password#1".to_owned()]), (1, vec!["token#1".to_owned()])]);
    }
}
