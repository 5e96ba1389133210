//! What is known so far of one way of being valid, and what is still to decide.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::generate::json_schema::number::Bounds;
use crate::generate::json_schema::schema::{Id, Lit, Schema, Schemas, Types, equal};
use crate::generate::json_schema::text::Asked;

/// One thing that is decided.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fact {
    Hold(Lit),
    Only(Types),
    Number(Bounds),
    Shortest(u64),
    Longest(u64),
    /// Does not match this schema's expression.
    Mismatch(Id),
    /// Is none of this schema's values.
    Exclude(Id),
    LeastItems(u64),
    MostItems(u64),
    Item(usize, Lit),
    Contains(Lit, u64, Option<u64>),
    Repeats,
    LeastFields(u64),
    MostFields(u64),
    Require(String),
    Forbid(String),
    /// Has this field, of which this holds.
    Field(String, Lit),
}

/// Something to decide: one of several sets of facts.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// By which it is known again.
    pub(super) key: (Id, &'static str),
    pub(super) ways: Vec<Vec<Fact>>,
}

/// What is known so far.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) lits: BTreeSet<Lit>,
    /// All that was decided beside schemas.
    pub(super) facts: Vec<Fact>,
    pub(super) choices: Vec<Choice>,
    /// Schemas that don't hold, and which nothing so far makes sure of.
    pub(super) denied: Vec<Id>,
    /// Schemas that something was decided for not to hold.
    pub(super) unsure: Vec<Id>,
    pub(super) types: Types,
    pub(super) implied: Types,
    pub(super) values: Option<Vec<Value>>,
    pub(super) excluded: Vec<Value>,
    pub(super) number: Bounds,
    pub(super) text: Asked,
    pub(super) least_items: u64,
    pub(super) most_items: Option<u64>,
    pub(super) unique: bool,
    pub(super) repeats: bool,
    pub(super) contains: Vec<(Lit, u64, Option<u64>)>,
    pub(super) least_fields: u64,
    pub(super) most_fields: Option<u64>,
    pub(super) required: BTreeSet<String>,
    pub(super) forbidden: BTreeSet<String>,
    pub(super) needs: Vec<(String, Vec<String>)>,
    /// What was seen of it excludes all values.
    is_empty: bool,
}

impl Draft {
    /// What schemas say of a value together; none where they contradict each other at first sight.
    pub(super) fn of(schemas: &Schemas, lits: impl IntoIterator<Item = Lit>) -> Option<Self> {
        let mut draft = Self {
            lits: BTreeSet::new(),
            facts: Vec::new(),
            choices: Vec::new(),
            denied: Vec::new(),
            unsure: Vec::new(),
            types: Types::ALL,
            implied: Types::NONE,
            values: None,
            excluded: Vec::new(),
            number: Bounds::default(),
            text: Asked::default(),
            least_items: 0,
            most_items: None,
            unique: false,
            repeats: false,
            contains: Vec::new(),
            least_fields: 0,
            most_fields: None,
            required: BTreeSet::new(),
            forbidden: BTreeSet::new(),
            needs: Vec::new(),
            is_empty: false,
        };
        for lit in lits {
            draft.hold(schemas, lit);
        }
        (!draft.settle()).then_some(draft)
    }

    /// With more that was decided; none where that can't be.
    pub(super) fn with(&self, schemas: &Schemas, facts: &[Fact]) -> Option<Self> {
        let mut draft = self.clone();
        for fact in facts {
            draft.take(schemas, fact);
        }
        (!draft.settle()).then_some(draft)
    }

    fn take(&mut self, schemas: &Schemas, fact: &Fact) {
        if let Fact::Hold(lit) = fact {
            self.hold(schemas, *lit);
            return;
        }
        if self.facts.contains(fact) {
            return;
        }
        self.facts.push(fact.clone());
        match fact {
            Fact::Hold(_) => {}
            Fact::Item(at, _) => self.at_least_items(u64::try_from(*at).unwrap_or(u64::MAX).saturating_add(1)),
            Fact::Only(types) => self.types = self.types & *types,
            Fact::Number(bounds) => self.number.and(bounds),
            Fact::Shortest(length) => self.text.shortest = self.text.shortest.max(*length),
            Fact::Longest(length) => self.text.longest = least(self.text.longest, Some(*length)),
            Fact::Mismatch(id) => self.text.without.extend(schemas.get(*id).pattern.clone()),
            Fact::Exclude(id) => {
                // What is in all lists.
                let mut lists = schemas.get(*id).values.iter();
                let first = lists.next().into_iter().flatten();
                let common = |value: &&Value| lists.clone().all(|list| list.iter().any(|known| equal(known, value)));
                self.excluded.extend(first.filter(common).cloned());
            }
            Fact::LeastItems(count) => self.at_least_items(*count),
            Fact::MostItems(count) => self.most_items = least(self.most_items, Some(*count)),
            Fact::Contains(lit, count, most) => self.contains.push((*lit, *count, *most)),
            Fact::Repeats => self.repeats = true,
            Fact::LeastFields(count) => self.least_fields = self.least_fields.max(*count),
            Fact::MostFields(count) => self.most_fields = least(self.most_fields, Some(*count)),
            Fact::Require(name) | Fact::Field(name, _) => drop(self.required.insert(name.clone())),
            Fact::Forbid(name) => drop(self.forbidden.insert(name.clone())),
        }
    }

    fn at_least_items(&mut self, count: u64) {
        self.least_items = self.least_items.max(count);
    }

    fn hold(&mut self, schemas: &Schemas, lit: Lit) {
        if !self.lits.insert(lit) {
            return;
        }
        self.is_empty |= self.lits.contains(&lit.not());
        if self.is_empty {
            return;
        }
        if !lit.holds {
            self.denied.push(lit.id);
            return;
        }
        let schema = schemas.get(lit.id);
        self.is_empty |= schema.never;
        self.scalars(schema);
        self.structures(schema);
        for id in &schema.all {
            self.hold(schemas, Lit::yes(*id));
        }
        if let Some(not) = schema.not {
            self.hold(schemas, Lit::no(not));
        }
        self.choose(lit.id, schema);
    }

    fn scalars(&mut self, schema: &Schema) {
        self.types = self.types & schema.types.unwrap_or(Types::ALL);
        self.implied = self.implied | schema.types.unwrap_or(Types::NONE) | schema.implied();
        for list in &schema.values {
            match &mut self.values {
                Some(known) => known.retain(|value| list.iter().any(|one| equal(one, value))),
                None => self.values = Some(list.clone()),
            }
        }
        self.number.and(&schema.number);
        self.text.shortest = self.text.shortest.max(schema.shortest);
        self.text.longest = least(self.text.longest, schema.longest);
        if let Some(pattern) = &schema.pattern
            && !self.text.with.iter().any(|known| known.text() == pattern.text())
        {
            self.text.with.push(pattern.clone());
        }
        self.text.format = self.text.format.or(schema.format);
    }

    fn structures(&mut self, schema: &Schema) {
        self.at_least_items(schema.least_items);
        self.most_items = least(self.most_items, schema.most_items);
        self.unique |= schema.unique;
        if let Some((id, count, most)) = schema.contains {
            self.contains.push((Lit::yes(id), count, most));
        }
        self.least_fields = self.least_fields.max(schema.least_fields);
        self.most_fields = least(self.most_fields, schema.most_fields);
        self.required.extend(schema.required.iter().cloned());
        self.needs.extend(schema.needs.iter().cloned());
    }

    /// Adds what a schema leaves to decide.
    fn choose(&mut self, id: Id, schema: &Schema) {
        let yes = |id: &Id| Fact::Hold(Lit::yes(*id));
        if let Some(any) = &schema.any {
            let ways = any.iter().map(|one| vec![yes(one)]).collect();
            self.choices.push(Choice { key: (id, "anyOf"), ways });
        }
        if let Some(one) = &schema.one {
            let others = |at: usize| one.iter().enumerate().filter(move |(other, _)| *other != at);
            let way = |(at, id): (usize, &Id)| {
                let refused = others(at).map(|(_, other)| Fact::Hold(Lit::no(*other)));
                std::iter::once(yes(id)).chain(refused).collect()
            };
            self.choices.push(Choice { key: (id, "oneOf"), ways: one.iter().enumerate().map(way).collect() });
        }
        if let Some(case) = schema.case {
            let then = std::iter::once(yes(&case.asked)).chain(case.then.as_ref().map(yes));
            let otherwise = std::iter::once(Fact::Hold(Lit::no(case.asked))).chain(case.otherwise.as_ref().map(yes));
            self.choices.push(Choice { key: (id, "if"), ways: vec![then.collect(), otherwise.collect()] });
        }
        for (name, dependent) in &schema.dependent {
            let without = vec![Fact::Forbid(name.clone())];
            let with = vec![Fact::Require(name.clone()), yes(dependent)];
            self.choices.push(Choice { key: (*dependent, "dependentSchemas"), ways: vec![without, with] });
        }
    }

    /// Follows what fields need each other, and says whether nothing is left.
    fn settle(&mut self) -> bool {
        loop {
            let (required, forbidden) = (self.required.len(), self.forbidden.len());
            for (name, wanted) in &self.needs {
                if self.required.contains(name) {
                    self.required.extend(wanted.iter().cloned());
                }
                if wanted.iter().any(|wanted| self.forbidden.contains(wanted)) {
                    self.forbidden.insert(name.clone());
                }
            }
            if (required, forbidden) == (self.required.len(), self.forbidden.len()) {
                break;
            }
        }
        self.prune();
        self.is_empty || self.types.is_empty() || self.values.as_ref().is_some_and(Vec::is_empty)
    }

    /// Leaves out kinds that can't be.
    fn prune(&mut self) {
        let mut gone = Types::NONE;
        if self.number.is_empty() {
            gone = gone | Types::NUMBER;
        }
        if self.text.is_empty() {
            gone = gone | Types::STRING;
        }
        let needed: u64 = self.contains.iter().map(|(_, count, _)| *count).max().unwrap_or(0);
        let crossed = |(_, count, most): &(Lit, u64, Option<u64>)| most.is_some_and(|most| most < *count);
        if self.most_items.is_some_and(|most| most < self.least_items.max(needed))
            || self.contains.iter().any(crossed)
            || (self.unique && self.repeats)
        {
            gone = gone | Types::ARRAY;
        }
        let required = u64::try_from(self.required.len()).unwrap_or(u64::MAX);
        if self.most_fields.is_some_and(|most| most < self.least_fields.max(required))
            || !self.required.is_disjoint(&self.forbidden)
        {
            gone = gone | Types::OBJECT;
        }
        self.types = self.types & !gone;
        if let Some(values) = &mut self.values {
            let (types, excluded) = (self.types, &self.excluded);
            values.retain(|value| types.meets(Types::of(value)) && !excluded.iter().any(|known| equal(known, value)));
        }
    }
}

fn least(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
