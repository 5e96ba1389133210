//! Stories: who answered which call, who left what the last one stumbled over, and which calls a call can't do without.

use std::collections::BTreeSet;

use super::attempt::{Raw, Sort};
use super::cells::is_bound;
use super::play::Sides;
use super::session::Splicing;
use crate::model::{Direction, Exchange, Side, StoryStep};

impl Splicing<'_> {
    pub(super) fn story(&self, sides: &Sides) -> Vec<StoryStep> {
        let step = |(exchange, side): (&Exchange, &Option<Side>)| {
            Some(StoryStep { call: Self::name(exchange), side: (*side)?, exchange: exchange.index })
        };
        self.exchanges.iter().zip(sides).filter_map(step).collect()
    }

    /// The surface of a call by its recording: whatever is bound has no name of its own.
    fn name(exchange: &Exchange) -> String {
        let is_bound = |segment| {
            let at = crate::model::At::Segment(segment);
            exchange.bindings.iter().any(|binding| binding.at.within.is_empty() && binding.at.at == at)
        };
        crate::compare::subject(&exchange.call, is_bound)
    }

    /// Who left it, and who stumbled over it: the other side, and the one that shows it. Where it takes two switches to show it,
    /// the one that shows it had left it before the other rewrote it; unless what it reads there was made by the other.
    pub(super) fn direction(&self, raw: &Raw, sides: &Sides) -> Direction {
        let answered: Vec<Side> = sides.iter().copied().flatten().collect();
        let switches = answered.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let to = Direction::mixed_from(raw.side.other());
        let made_by_the_other = || {
            let Some(failing) = self.exchanges.get(raw.step) else { return false };
            let others = self.exchanges.iter().zip(sides).filter(|(_, side)| **side == Some(raw.side.other()));
            others.into_iter().any(|(exchange, _)| is_bound(failing, exchange))
        };
        if raw.sort == Sort::Reply && switches == 2 && !made_by_the_other() {
            return Direction::mixed_from(raw.side);
        }
        to
    }

    /// The steps that a step can't do without: those whose replies give it a value or a cookie.
    pub(super) fn needed(&self, step: usize) -> BTreeSet<usize> {
        let mut needed = BTreeSet::from([step]);
        let mut open = vec![step];
        while let Some(at) = open.pop() {
            let Some(exchange) = self.exchanges.get(at) else { continue };
            let gives = |earlier: &Exchange| {
                let is_bound =
                    exchange.bindings.iter().any(|b| b.from.iter().any(|from| from.exchange == earlier.index));
                let sets_a_cookie = exchange.call.metadata.has("cookie")
                    && earlier.reply.as_ref().is_some_and(|reply| reply.metadata.has("set-cookie"));
                is_bound || sets_a_cookie
            };
            let all = (0..at).filter(|n| self.exchanges.get(*n).is_some_and(gives));
            open.extend(all.filter(|n| needed.insert(*n)).collect::<Vec<_>>());
        }
        needed
    }
}
