//! A schema as it was read.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::Types;
use crate::generate::json_schema::number::Bounds;
use crate::generate::json_schema::text::{Asked, Expression, Format, Texts};

/// Which schema.
pub(in super::super) type Id = usize;

/// That a schema holds, or that it doesn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) struct Lit {
    pub(in super::super) id: Id,
    pub(in super::super) holds: bool,
}

impl Lit {
    pub(in super::super) fn yes(id: Id) -> Self {
        Self { id, holds: true }
    }

    pub(in super::super) fn no(id: Id) -> Self {
        Self { id, holds: false }
    }

    pub(in super::super) fn not(self) -> Self {
        Self { id: self.id, holds: !self.holds }
    }
}

/// `if`, with what follows from it.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Case {
    pub(in super::super) asked: Id,
    pub(in super::super) then: Option<Id>,
    pub(in super::super) otherwise: Option<Id>,
}

/// One schema. What isn't said is empty.
#[derive(Debug, Default)]
pub(in super::super) struct Schema {
    /// It allows nothing.
    pub(in super::super) never: bool,
    pub(in super::super) types: Option<Types>,
    /// `enum` and `const`, each a list.
    pub(in super::super) values: Vec<Vec<Value>>,
    pub(in super::super) number: Bounds,
    pub(in super::super) shortest: u64,
    pub(in super::super) longest: Option<u64>,
    pub(in super::super) pattern: Option<Arc<Expression>>,
    pub(in super::super) format: Option<Format>,

    pub(in super::super) first: Vec<Id>,
    pub(in super::super) rest: Option<Id>,
    pub(in super::super) contains: Option<(Id, u64, Option<u64>)>,
    pub(in super::super) least_items: u64,
    pub(in super::super) most_items: Option<u64>,
    pub(in super::super) unique: bool,
    pub(in super::super) unevaluated_items: Option<Id>,

    pub(in super::super) properties: Vec<(String, Id)>,
    pub(in super::super) patterns: Vec<(Arc<Expression>, Id)>,
    pub(in super::super) additional: Option<Id>,
    pub(in super::super) unevaluated: Option<Id>,
    pub(in super::super) names: Option<Id>,
    pub(in super::super) required: Vec<String>,
    pub(in super::super) least_fields: u64,
    pub(in super::super) most_fields: Option<u64>,
    pub(in super::super) needs: Vec<(String, Vec<String>)>,
    pub(in super::super) dependent: Vec<(String, Id)>,

    /// All of these hold too: what is referred to, and `allOf`.
    pub(in super::super) all: Vec<Id>,
    pub(in super::super) any: Option<Vec<Id>>,
    pub(in super::super) one: Option<Vec<Id>>,
    pub(in super::super) not: Option<Id>,
    pub(in super::super) case: Option<Case>,
}

impl Schema {
    /// The kinds of values that its keywords speak of, if it says nothing of kinds itself.
    pub(in super::super) fn implied(&self) -> Types {
        let mut implied = Types::NONE;
        let speaks_of_fields = !self.properties.is_empty()
            || !self.patterns.is_empty()
            || self.additional.is_some()
            || !self.required.is_empty()
            || self.least_fields > 0
            || self.most_fields.is_some()
            || self.names.is_some()
            || self.unevaluated.is_some()
            || !self.needs.is_empty()
            || !self.dependent.is_empty();
        if speaks_of_fields {
            implied = implied | Types::OBJECT;
        }
        let speaks_of_items = !self.first.is_empty()
            || self.rest.is_some()
            || self.contains.is_some()
            || self.least_items > 0
            || self.most_items.is_some()
            || self.unevaluated_items.is_some()
            || self.unique;
        if speaks_of_items {
            implied = implied | Types::ARRAY;
        }
        if self.shortest > 0 || self.longest.is_some() || self.pattern.is_some() {
            implied = implied | Types::STRING;
        }
        if self.number != Bounds::default() {
            implied = implied | Types::NUMBER;
        }
        match self.format {
            Some(Format::Int(..)) => implied | Types::INTEGER,
            Some(_) => implied | Types::STRING,
            None => implied,
        }
    }

    /// Schemas that speak of the same value.
    pub(in super::super) fn beside(&self) -> impl Iterator<Item = Id> {
        let lists = self.any.iter().chain(&self.one).flatten().copied();
        let cases = self.case.into_iter().flat_map(|case| [Some(case.asked), case.then, case.otherwise]).flatten();
        let dependent = self.dependent.iter().map(|(_, id)| *id);
        self.all.iter().copied().chain(lists).chain(cases).chain(dependent)
    }

    /// Whether it speaks of a field by its name or an expression.
    pub(in super::super) fn speaks_of(&self, name: &str) -> bool {
        self.properties.iter().any(|(known, _)| known == name)
            || self.patterns.iter().any(|(pattern, _)| pattern.is_match(name))
    }
}

/// All schemas of a document.
#[derive(Debug, Default)]
pub(in super::super) struct Schemas {
    pub(super) all: Vec<Schema>,
    /// Whether items that have to be contained count as looked at.
    pub(in super::super) contains_evaluates: bool,
    /// What is said where nothing is.
    pub(super) nothing: Schema,
}

impl Schemas {
    pub(in super::super) fn get(&self, id: Id) -> &Schema {
        self.all.get(id).unwrap_or(&self.nothing)
    }

    /// An expression for which no text is found.
    pub(in super::super) fn unfollowed(&self) -> Option<&str> {
        let mut patterns = self.all.iter().filter_map(|schema| schema.pattern.as_ref());
        let lacks = |pattern: &&Arc<Expression>| {
            Texts::of(&Asked { with: vec![Arc::clone(pattern)], ..Asked::default() }).is_none()
        };
        patterns.find(lacks).map(|pattern| pattern.text())
    }

    /// Whether what is said of values can be held against them one by one.
    pub(in super::super) fn is_judged(&self, id: Id) -> bool {
        let mut seen = BTreeSet::from([id]);
        let mut waiting = vec![id];
        while let Some(next) = waiting.pop() {
            let schema = self.get(next);
            if schema.unevaluated.is_some() || schema.unevaluated_items.is_some() {
                return false;
            }
            waiting.extend(schema.beside().filter(|id| seen.insert(*id)));
        }
        true
    }

    /// Whether a schema asks of a value what it already asks of that value.
    pub(in super::super) fn loops(&self) -> bool {
        let mut done = BTreeSet::new();
        for start in 0..self.all.len() {
            let mut trail: Vec<(Id, Vec<Id>)> = vec![(start, self.same(start))];
            while let Some((id, waiting)) = trail.last_mut() {
                let Some(next) = waiting.pop() else {
                    done.insert(*id);
                    trail.pop();
                    continue;
                };
                if trail.iter().any(|(id, _)| *id == next) {
                    return true;
                }
                if !done.contains(&next) {
                    trail.push((next, self.same(next)));
                }
            }
        }
        false
    }

    fn same(&self, id: Id) -> Vec<Id> {
        let schema = self.get(id);
        schema.beside().chain(schema.not).collect()
    }

    /// Whether a schema allows all there is.
    pub(in super::super) fn is_anything(&self, id: Id) -> bool {
        let schema = self.get(id);
        !schema.never
            && schema.types.is_none()
            && schema.values.is_empty()
            && schema.implied().is_empty()
            && schema.not.is_none()
            && schema.beside().next().is_none()
    }
}
