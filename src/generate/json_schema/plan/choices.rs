//! Deciding what is left to decide, in as many ways as it takes to see each branch.

use std::collections::BTreeMap;

use super::denial;
use super::draft::{Choice, Draft};
use crate::generate::json_schema::schema::{Id, Lit, Schemas, Types};

/// No place has more ways of being valid.
const MOST: usize = 48;
/// Ways in a row that bring nothing new, before no more are looked for.
const STALE: usize = 3;
/// Steps that one way may take.
const STEPS: usize = 600;

/// The ways in which schemas can hold together, each seen branch in one of them at least.
pub(super) fn decided(schemas: &Schemas, lits: &[Lit], dead: &dyn Fn(&[Lit]) -> bool) -> Vec<Draft> {
    let Some(first) = Draft::of(schemas, lits.iter().copied()) else { return Vec::new() };
    let mut deciding = Deciding { schemas, dead, tried: BTreeMap::new(), steps: 0 };
    let mut found: Vec<Draft> = Vec::new();
    let mut stale = 0;
    while stale < STALE && found.len() < MOST {
        let tried = deciding.tried.len();
        deciding.steps = STEPS;
        let Some(decided) = deciding.decide(first.clone()) else {
            if deciding.tried.len() == tried {
                stale += 1;
            }
            continue;
        };
        let is_known = found.iter().any(|known| known.lits == decided.lits && known.facts == decided.facts);
        if !is_known {
            found.push(decided);
        }
        stale = if deciding.tried.len() > tried || !is_known { 0 } else { stale + 1 };
        if deciding.tried.is_empty() {
            break;
        }
    }
    found
}

/// A branch: of which schema, by which keyword, and the how manieth.
type Branch = ((Id, &'static str), usize);

struct Deciding<'a> {
    schemas: &'a Schemas,
    /// Whether it is known that nothing is as these schemas ask.
    dead: &'a dyn Fn(&[Lit]) -> bool,
    /// How often each branch was tried.
    tried: BTreeMap<Branch, usize>,
    steps: usize,
}

impl Deciding<'_> {
    fn decide(&mut self, mut draft: Draft) -> Option<Draft> {
        let Some(choice) = self.next(&mut draft) else { return self.checked(draft) };
        let mut order: Vec<usize> = (0..choice.ways.len()).collect();
        // What was tried the least goes first.
        order.sort_by_key(|way| self.tried.get(&(choice.key, *way)).copied().unwrap_or(0));
        for way in order {
            self.steps = self.steps.checked_sub(1)?;
            *self.tried.entry((choice.key, way)).or_insert(0) += 1;
            let facts = choice.ways.get(way)?;
            let Some(next) = draft.with(self.schemas, facts).filter(|next| self.is_plausible(next)) else { continue };
            if let Some(decided) = self.decide(next) {
                return Some(decided);
            }
        }
        None
    }

    /// What is to be decided next: what holds before what doesn't.
    fn next(&self, draft: &mut Draft) -> Option<Choice> {
        if !draft.choices.is_empty() {
            return Some(draft.choices.remove(0));
        }
        while !draft.denied.is_empty() {
            let id = draft.denied.remove(0);
            if !denial::is_refuted(self.schemas, draft, id, 0) {
                draft.unsure.push(id);
                return Some(Choice { key: (id, "not"), ways: denial::ways(self.schemas, id) });
            }
        }
        None
    }

    /// Whether fields that have to be there can be, as far as can be seen.
    fn is_plausible(&self, draft: &Draft) -> bool {
        if draft.types != Types::OBJECT {
            return true;
        }
        draft.required.iter().all(|name| {
            draft.field(self.schemas, name).is_some_and(|lits| {
                let lits: Vec<Lit> = lits.into_iter().collect();
                !(self.dead)(&lits) && Draft::of(self.schemas, lits).is_some()
            })
        })
    }

    /// With only those of its listed values that it allows.
    fn checked(&self, mut draft: Draft) -> Option<Draft> {
        if let Some(values) = &mut draft.values {
            let lits = &draft.lits;
            values.retain(|value| lits.iter().all(|lit| self.schemas.keeps(*lit, value)));
            if values.is_empty() {
                return None;
            }
        }
        Some(draft)
    }
}
