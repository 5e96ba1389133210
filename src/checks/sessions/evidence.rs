//! What the last step of a story looked like: the call, what two of a kind answered, and what OLD and NEW together did.

use super::cells::{Kept, control_of};
use super::play::Seen;
use super::stand::MIXED;
use crate::compare::{reply_evidence, request_evidence};
use crate::model::{Content, Evidence, Fold, Observation, Side};

/// The evidence of a step, noise masked by what earlier runs gave there.
pub(super) fn evidence(seen: &Seen<'_>, home: Side, kept: &Kept) -> Evidence {
    let lane = |lane: usize| (&seen.step.observations[lane], seen.session.fold(lane));
    let shown = |lane_number: usize, others: Vec<(&Observation, &Fold)>, kept: &[(Observation, Fold)]| {
        let (observation, fold) = lane(lane_number);
        let mut witnesses = others;
        witnesses.extend(kept.iter().map(|(observation, fold)| (observation, fold)));
        reply_evidence(observation, fold, &witnesses)
    };
    let control = control_of(home, seen.turn);
    let call = &seen.exchange.call;
    Evidence {
        request: request_evidence(
            call,
            seen.step.carried.as_ref().map(Content::document),
            seen.session.recorded_fold(),
        ),
        expected_reply: shown(control, vec![lane(control + 1)], kept.control()),
        reply: shown(MIXED, Vec::new(), kept.mixed()),
        ..Evidence::default()
    }
}
