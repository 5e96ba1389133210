//! What is asked of the fields and items of a value.

use std::collections::BTreeSet;

use serde_json::Value;

use super::draft::{Draft, Fact};
use crate::generate::json_schema::schema::{Id, Lit, Schema, Schemas};

/// What is asked of an inner value; none where there can't be one.
type Inner = Option<BTreeSet<Lit>>;

impl Draft {
    /// The schemas that hold.
    pub(super) fn holding<'s>(&self, schemas: &'s Schemas) -> impl Iterator<Item = (Id, &'s Schema)> {
        self.lits.iter().filter(|lit| lit.holds).map(|lit| (lit.id, schemas.get(lit.id)))
    }

    /// What is asked of a field.
    pub(super) fn field(&self, schemas: &Schemas, name: &str) -> Inner {
        if self.forbidden.contains(name) {
            return None;
        }
        let mut lits = BTreeSet::new();
        for (id, schema) in self.holding(schemas) {
            let named = schema.properties.iter().filter(|(known, _)| known == name).map(|(_, id)| *id);
            let matching = schema.patterns.iter().filter(|(pattern, _)| pattern.is_match(name)).map(|(_, id)| *id);
            lits.extend(named.chain(matching).map(Lit::yes));
            if let Some(open) = schema.additional
                && !schema.speaks_of(name)
            {
                lits.insert(Lit::yes(open));
            }
            if let Some(open) = schema.unevaluated
                && !self.evaluators(schemas, id).any(|(other, schema)| {
                    schema.speaks_of(name)
                        || schema.additional.is_some()
                        || (other != id && schema.unevaluated.is_some())
                })
            {
                lits.insert(Lit::yes(open));
            }
            if schema.names.is_some_and(|names| !schemas.fits(names, &Value::from(name), 0)) {
                return None;
            }
        }
        for fact in &self.facts {
            if let Fact::Field(known, lit) = fact
                && known == name
            {
                lits.insert(*lit);
            }
        }
        told(schemas, lits)
    }

    /// What is asked of the item at a place, which may be one that has to be contained.
    pub(super) fn item(&self, schemas: &Schemas, at: usize, is_contained: bool) -> Inner {
        let mut lits = BTreeSet::new();
        for (id, schema) in self.holding(schemas) {
            lits.extend(schema.first.get(at).copied().or(schema.rest).map(Lit::yes));
            if let Some(open) = schema.unevaluated_items
                && !self.evaluators(schemas, id).any(|(other, schema)| {
                    (is_contained && schemas.contains_evaluates && schema.contains.is_some())
                        || schema.first.len() > at
                        || schema.rest.is_some()
                        || (other != id && schema.unevaluated_items.is_some())
                })
            {
                lits.insert(Lit::yes(open));
            }
        }
        for fact in &self.facts {
            if let Fact::Item(known, lit) = fact
                && *known == at
            {
                lits.insert(*lit);
            }
        }
        told(schemas, lits)
    }

    /// The schemas whose looking at fields and items counts for one: itself, and what it leads to and holds.
    pub(super) fn evaluators<'s>(&self, schemas: &'s Schemas, id: Id) -> impl Iterator<Item = (Id, &'s Schema)> {
        let mut seen = BTreeSet::from([id]);
        let mut waiting = vec![id];
        while let Some(next) = waiting.pop() {
            for beside in schemas.get(next).beside() {
                if self.lits.contains(&Lit::yes(beside)) && seen.insert(beside) {
                    waiting.push(beside);
                }
            }
        }
        seen.into_iter().map(|id| (id, schemas.get(id)))
    }
}

/// Without what asks nothing; none where something allows nothing.
pub(super) fn told(schemas: &Schemas, lits: BTreeSet<Lit>) -> Inner {
    let asks = |lit: &Lit| if lit.holds { !schemas.is_anything(lit.id) } else { !schemas.get(lit.id).never };
    let lits: BTreeSet<Lit> = lits.into_iter().filter(asks).collect();
    let is_empty = lits.iter().any(|lit| {
        lits.contains(&lit.not()) || if lit.holds { schemas.get(lit.id).never } else { schemas.is_anything(lit.id) }
    });
    (!is_empty).then_some(lits)
}
