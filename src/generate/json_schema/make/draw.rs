//! A value by chance.

use serde_json::Value;

use crate::generate::json_schema::chance::Chance;
use crate::generate::json_schema::plan::{NodeId, Plan, Shape};
use crate::generate::json_schema::schema::Types;

/// One document in the making.
pub(in super::super) struct Making<'a> {
    pub(super) plan: &'a Plan,
    pub(super) chance: Chance,
    /// Values that may still be added: beyond, all is as small as can be.
    pub(super) left: usize,
    /// Of a hundred fields that need not be there, so many are.
    pub(super) share: usize,
}

/// Tries at one place, before what is smallest there is taken.
const TRIES: usize = 6;

impl<'a> Making<'a> {
    /// With so many values at most, give or take.
    pub(in super::super) fn new(plan: &'a Plan, mut chance: Chance, left: usize) -> Self {
        let share = chance.of(&[8, 25, 50, 50, 75]).copied().unwrap_or(50);
        Self { plan, chance, left, share }
    }

    /// A value of a node, or its smallest where none came out well; so deep at most, if that can be.
    pub(in super::super) fn value(&mut self, id: NodeId, depth: usize) -> Value {
        if self.left == 0 || depth == 0 {
            return self.plan.smallest(id);
        }
        self.left -= 1;
        let drawn = (0..TRIES).find_map(|_| self.checked(id, depth));
        drawn.unwrap_or_else(|| self.plan.smallest(id))
    }

    /// A value of a node, where one comes out well.
    pub(in super::super) fn checked(&mut self, id: NodeId, depth: usize) -> Option<Value> {
        let plan = self.plan;
        let shapes = &plan.node(id)?.shapes;
        let mut shape = self.chance.of(shapes)?;
        if shape.cost()? > depth {
            let flattest = shapes.iter().filter(|shape| shape.cost().is_some_and(|cost| cost <= depth));
            let flattest: Vec<&Shape> = flattest.collect();
            shape = self.chance.of(&flattest)?;
        }
        let value = self.shaped(shape, depth)?;
        plan.allows(shape, &value).then_some(value)
    }

    fn shaped(&mut self, shape: &Shape, depth: usize) -> Option<Value> {
        if let Some(values) = &shape.values {
            return self.chance.of(values).cloned();
        }
        Some(match self.kind(shape, depth)? {
            Types::NULL => Value::Null,
            Types::BOOLEAN => Value::Bool(self.chance.percent(50)),
            Types::INTEGER => shape.whole.as_ref()?.draw(&mut self.chance)?,
            Types::FRACTION => shape.fractions.as_ref()?.draw(&mut self.chance)?,
            Types::STRING => Value::String(shape.texts.as_ref()?.draw(&mut self.chance)),
            Types::ARRAY => Value::Array(self.items(&shape.items, depth)?),
            _ => Value::Object(self.fields(&shape.fields, depth)?),
        })
    }

    /// A kind that the schemas speak of; rarely another that they leave open.
    fn kind(&mut self, shape: &Shape, depth: usize) -> Option<Types> {
        let is_other = self.chance.percent(4);
        let is_spoken_of = |kind: Types| shape.implied.is_empty() || kind.meets(shape.implied) != is_other;
        let mut kinds = [Types::NONE; 7];
        let mut count = 0;
        for all in [false, true] {
            let fitting = shape.kinds.iter().filter(|(kind, cost)| *cost <= depth && (all || is_spoken_of(*kind)));
            for ((kind, _), place) in fitting.zip(&mut kinds) {
                *place = *kind;
                count += 1;
            }
            if count > 0 {
                break;
            }
        }
        self.chance.of(kinds.get(..count)?).copied().filter(|kind| !kind.is_empty())
    }

    /// A text of a node.
    pub(in super::super) fn text(&mut self, id: NodeId) -> Option<String> {
        let drawn = self.checked(id, 1);
        if let Some(Value::String(text)) = drawn { Some(text) } else { None }
    }
}
