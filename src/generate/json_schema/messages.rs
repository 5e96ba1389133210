//! The documents that a schema allows, by one value that can be shared.

use std::fmt;
use std::sync::Arc;

use proptest::prelude::Rng;
use serde_json::Value;

use super::Unmade;
use super::chance::Chance;
use super::make::Making;
use super::plan::Plan;
use super::simpler::Weight;
use crate::contract::json_schema::{Dialect, Judge};

/// Documents that a schema allows: each was accepted by the schema's own validator.
#[derive(Clone)]
pub struct Messages {
    made: Arc<Made>,
}

struct Made {
    /// It says its dialect.
    schema: Value,
    judge: Judge,
    plan: Plan,
    smallest: Value,
}

/// Documents that are drawn, before it is said that none came out valid.
const TRIES: usize = 40;
/// Edges that are looked at where putting the smallest together doesn't do.
const EDGES: usize = 400;

impl Messages {
    /// The documents that a schema allows, or why there are none: an invalid schema, an expression that nobody can follow, a schema
    /// that allows nothing that was found.
    pub fn of(schema: &Value, dialect: Dialect) -> Result<Self, Unmade> {
        let judge = Judge::of(schema, dialect).map_err(|invalid| Unmade::Invalid(invalid.to_string()))?;
        let plan = Plan::of(schema, dialect)?;
        let mut schema = schema.clone();
        if let Value::Object(map) = &mut schema
            && !map.contains_key("$schema")
        {
            map.insert("$schema".to_owned(), Value::from(dialect.uri()));
        }
        let mut made = Made { schema, judge, plan, smallest: Value::Null };
        made.smallest = made.find_smallest().ok_or_else(|| made.plan.why())?;
        Ok(Self { made: Arc::new(made) })
    }

    /// Whether a document is one of them.
    pub fn allows(&self, document: &Value) -> bool {
        self.made.judge.accepts(document)
    }

    /// The smallest that was found.
    pub fn smallest(&self) -> &Value {
        &self.made.smallest
    }

    /// What lies at the edges, each different from the smallest in one respect: each field that may be left out, each value of a list,
    /// each branch, the bounds of numbers, texts, arrays and objects, and what is known for the trouble it makes. The smallest comes first,
    /// nothing twice, and no more than so many.
    pub fn edges(&self, most: usize) -> Vec<Value> {
        let mut edges = vec![self.made.smallest.clone()];
        // Some may not be valid after all.
        let found = self.made.plan.edges(self.made.plan.root, most.saturating_mul(2));
        edges.extend(found.into_iter().filter(|edge| *edge != self.made.smallest && self.allows(edge)));
        edges.truncate(most);
        edges
    }

    /// One by chance: the same for the same numbers. None where none of a few came out valid, which is rare: the smallest is valid even then.
    pub fn draw(&self, rng: &mut impl Rng) -> Option<Value> {
        self.made.draw(&mut Chance::new(rng.next_u64()))
    }

    /// Documents that are simpler than one of them, each in one respect, the boldest step first. Whoever follows them comes to an end.
    pub fn simpler(&self, document: &Value) -> Vec<Value> {
        let mut steps = self.made.plan.simpler(document, &self.made.smallest);
        steps.retain(|step| self.allows(step));
        steps
    }

    /// The schema, which says its dialect.
    pub(super) fn schema(&self) -> &Value {
        &self.made.schema
    }

    pub(super) fn judge(&self) -> &Judge {
        &self.made.judge
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Messages").field("schema", &self.made.schema).finish_non_exhaustive()
    }
}

impl Made {
    fn draw(&self, chance: &mut Chance) -> Option<Value> {
        let flattest = self.plan.cost(self.plan.root)?;
        (0..TRIES).find_map(|round| {
            // Large ones have more that can go wrong.
            let left = if round < TRIES / 2 { 20 + chance.below(100) } else { 4 + chance.below(16) };
            let depth = flattest + 1 + chance.below(6);
            let mut making = Making::new(&self.plan, Chance::new(chance.next()), left);
            making.checked(self.plan.root, depth).filter(|document| self.judge.accepts(document))
        })
    }

    fn find_smallest(&self) -> Option<Value> {
        let first = self.plan.cost(self.plan.root).map(|_| self.plan.smallest(self.plan.root))?;
        let mut smallest = if self.judge.accepts(&first) { first } else { self.find_any()? };
        // Down, as far as it goes.
        while let Some(step) = self.plan.simpler(&smallest, &smallest).into_iter().find(|step| self.judge.accepts(step))
        {
            smallest = step;
        }
        Some(smallest)
    }

    fn find_any(&self) -> Option<Value> {
        let edges = self.plan.edges(self.plan.root, EDGES).into_iter();
        let mut chance = Chance::new(41);
        let drawn = (0..20).filter_map(|_| self.draw(&mut chance));
        let valid = edges.filter(|edge| self.judge.accepts(edge)).chain(drawn);
        valid.min_by_key(Weight::of)
    }
}
