//! All operations of two contracts.

use super::crossing::{Crossing, Party, speaker};
use super::judge::Judge;
use super::meetings::{self, Meeting, meetings};
use super::operation::compare_operation;
use crate::contract::openapi::read::{Contract, Offered, Operation, Operations};
use crate::contract::openapi::rules::operation_missing;
use crate::contract::{Comparison, ContractError, Place, Source, Surface, Terms, Unknown};
use crate::model::{Direction, Pair, Side};

/// Compares what the clients of each side send to the server of the other, and what that replies.
pub fn compare(sources: Pair<&Source>, terms: &Terms) -> Result<Comparison, ContractError> {
    let contracts = Pair::new(Contract::load(sources.old)?, Contract::load(sources.new)?);
    let contracts = Pair::new(&contracts.old, &contracts.new);
    let offered = contracts.map(Operations::of);
    let mut judge = Judge::new(contracts, terms);
    let mut comparison = Comparison { notes: notes(&offered), ..Comparison::default() };
    for meeting in meetings(&offered) {
        let Meeting { subject, found, .. } = &meeting;
        let known = found.map(|found| found.is_some());
        comparison.surfaces.push(Surface { subject: subject.clone(), known });
        match (found.old, found.new) {
            (Some(old), Some(new)) => {
                let operations = Pair::new(
                    Operation::read(&old.path, &old.item, old.node.clone(), contracts.old),
                    Operation::read(&new.path, &new.item, new.node.clone(), contracts.new),
                );
                for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
                    let crossing = crossing(subject, direction, contracts, &operations, old.is_webhook);
                    compare_operation(&crossing, &mut judge, &mut comparison);
                }
            }
            (Some(only), None) => missing(&meeting, (Side::Old, only), contracts, &offered, &mut comparison),
            (None, Some(only)) => missing(&meeting, (Side::New, only), contracts, &offered, &mut comparison),
            (None, None) => {}
        }
    }
    Ok(comparison)
}

fn crossing<'p, 'a>(
    subject: &'p str,
    direction: Direction,
    contracts: Pair<&'a Contract>,
    operations: &'p Pair<Operation<'a>>,
    is_webhook: bool,
) -> Crossing<'p, 'a> {
    // The direction is from client to server, also where it is the server that calls.
    let (caller, answerer) = if is_webhook { (direction.to, direction.from) } else { (direction.from, direction.to) };
    let party = |side: Side, is_client| Party {
        side,
        is_client,
        contract: contracts.get(side),
        operation: operations.get(side),
    };
    Crossing { subject, direction, caller: party(caller, !is_webhook), answerer: party(answerer, is_webhook) }
}

/// An operation that only one side has breaks whoever calls it by that side's contract.
fn missing(
    meeting: &Meeting<'_, '_>,
    (has, only): (Side, &Offered<'_>),
    contracts: Pair<&Contract>,
    offered: &Pair<Operations<'_>>,
    comparison: &mut Comparison,
) {
    let from = if only.is_webhook { has.other() } else { has };
    let mut place = Place {
        subject: meeting.subject.clone(),
        direction: Direction::mixed_from(from),
        at: "operation".to_owned(),
        positions: Pair::default(),
    };
    *place.positions.get_mut(has) = contracts.get(has).position(&only.node);
    if let Some(trouble) = offered.get(has.other()).unread.get(&only.name()) {
        place.positions.get_mut(has.other()).clone_from(&trouble.at);
        comparison.unknown.push(Unknown { place, why: trouble.to_string() });
        return;
    }
    let caller = speaker(has, !only.is_webhook);
    let answerer = speaker(has.other(), only.is_webhook);
    comparison.differences.push(operation_missing::check(place, &caller, &answerer, meeting.elsewhere.as_deref()));
}

/// What is wrong in either contract, whether or not it matters to a comparison.
fn notes(offered: &Pair<Operations<'_>>) -> Vec<String> {
    let mut notes = Vec::new();
    for (side, offered) in offered.iter() {
        let troubles = offered.troubles.iter().chain(offered.unread.values());
        notes.extend(troubles.map(|trouble| format!("{}: {trouble}", side.as_str().to_uppercase())));
    }
    notes.extend(meetings::notes(offered));
    notes
}
