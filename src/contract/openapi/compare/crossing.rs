//! One operation in one direction: who calls by which contract, and who answers by which.

use crate::contract::openapi::read::{Contract, Node, Operation};
use crate::contract::{Counterexample, Difference, Place, Position};
use crate::model::{Direction, Pair, Rule, Severity, Side};

/// One end of a call.
#[derive(Debug, Clone, Copy)]
pub(in crate::contract::openapi) struct Party<'p, 'a> {
    pub(in crate::contract::openapi) side: Side,
    /// Whether these are clients: a webhook is called by a server.
    pub(in crate::contract::openapi) is_client: bool,
    pub(in crate::contract::openapi) contract: &'a Contract,
    pub(in crate::contract::openapi) operation: &'p Operation<'a>,
}

/// One operation in one direction.
#[derive(Debug, Clone, Copy)]
pub(in crate::contract::openapi) struct Crossing<'p, 'a> {
    pub(in crate::contract::openapi) subject: &'p str,
    pub(in crate::contract::openapi) direction: Direction,
    /// Who writes the request and reads the reply.
    pub(in crate::contract::openapi) caller: Party<'p, 'a>,
    /// Who reads the request and writes the reply.
    pub(in crate::contract::openapi) answerer: Party<'p, 'a>,
}

/// What a rule finds.
#[derive(Debug, Clone)]
pub(in crate::contract::openapi) struct Hit {
    pub(in crate::contract::openapi) rule: &'static Rule,
    pub(in crate::contract::openapi) severity: Severity,
    pub(in crate::contract::openapi) at: String,
    pub(in crate::contract::openapi) message: String,
    /// Where it stands in the caller's contract.
    pub(in crate::contract::openapi) caller: Option<Position>,
    /// Where it stands in the answerer's contract.
    pub(in crate::contract::openapi) answerer: Option<Position>,
    pub(in crate::contract::openapi) counterexample: Option<Counterexample>,
}

/// Whom messages speak of: `OLD's clients`, `NEW`.
pub(in crate::contract::openapi) fn speaker(side: Side, is_client: bool) -> String {
    let side = side.as_str().to_uppercase();
    if is_client { format!("{side}'s clients") } else { side }
}

impl<'a> Party<'_, 'a> {
    /// Whom messages speak of.
    pub(in crate::contract::openapi) fn name(&self) -> String {
        speaker(self.side, self.is_client)
    }

    /// Where something stands in this one's contract.
    pub(in crate::contract::openapi) fn position(&self, node: &Node<'a>) -> Option<Position> {
        self.contract.position(node)
    }
}

impl Crossing<'_, '_> {
    /// Positions of caller and answerer, by side.
    pub(in crate::contract::openapi) fn positions(
        &self,
        caller: Option<Position>,
        answerer: Option<Position>,
    ) -> Pair<Option<Position>> {
        if self.caller.side == Side::Old { Pair::new(caller, answerer) } else { Pair::new(answerer, caller) }
    }

    /// The place of something that is found.
    pub(in crate::contract::openapi) fn place(
        &self,
        at: &str,
        caller: Option<Position>,
        answerer: Option<Position>,
    ) -> Place {
        Place {
            subject: self.subject.to_owned(),
            direction: self.direction,
            at: at.to_owned(),
            positions: self.positions(caller, answerer),
        }
    }

    /// What a rule found, of this operation in this direction.
    pub(in crate::contract::openapi) fn tell(&self, hit: Hit) -> Difference {
        Difference {
            rule: hit.rule,
            severity: hit.severity,
            place: self.place(&hit.at, hit.caller, hit.answerer),
            message: hit.message,
            counterexample: hit.counterexample,
        }
    }
}
