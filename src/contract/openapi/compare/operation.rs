//! One operation in one direction: who may call it, with what, and what comes back.

use super::bodies::compare_body;
use super::crossing::Crossing;
use super::judge::Judge;
use super::parameters::compare_parameters;
use super::replies::compare_replies;
use crate::contract::openapi::read::Trouble;
use crate::contract::openapi::rules::security_required;
use crate::contract::{Comparison, Unknown};

/// Compares one operation in one direction.
pub(super) fn compare_operation<'a>(crossing: &Crossing<'_, 'a>, judge: &mut Judge<'a>, comparison: &mut Comparison) {
    if let Some(trouble) = unlike(&crossing.caller.operation.troubles, &crossing.answerer.operation.troubles) {
        let (caller, answerer) = (&crossing.caller, &crossing.answerer);
        let (caller, answerer) = (caller.position(&caller.operation.node), answerer.position(&answerer.operation.node));
        let place = crossing.place("operation", caller, answerer);
        comparison.unknown.push(Unknown { place, why: trouble.to_string() });
        return;
    }
    comparison.differences.extend(security_required::check(crossing).into_iter().map(|hit| crossing.tell(hit)));
    compare_parameters(crossing, judge, comparison);
    compare_body(crossing, judge, comparison);
    compare_replies(crossing, judge, comparison);
}

/// What could not be read on one side. What is wrong on both sides alike is the same; what was not read may not be.
fn unlike<'t>(own: &'t [Trouble], others: &'t [Trouble]) -> Option<&'t Trouble> {
    let has = |troubles: &[Trouble], trouble: &Trouble| {
        !trouble.is_unread && troubles.iter().any(|other| other.why == trouble.why)
    };
    own.iter().find(|trouble| !has(others, trouble)).or_else(|| others.iter().find(|trouble| !has(own, trouble)))
}
