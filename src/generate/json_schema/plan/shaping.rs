//! From what was decided to a shape.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::draft::{Draft, Fact};
use super::inner::told;
use super::planning::Planning;
use super::shape::{Contained, Field, Fields, Items, Names, Opening, Shape, Slot};
use crate::generate::json_schema::number::{Decimal, Grid};
use crate::generate::json_schema::schema::{Lit, Schema, Types};
use crate::generate::json_schema::text::{Asked, Expression, Format, Texts};

/// A count that documents can have.
fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Planning<'_> {
    pub(super) fn shape(&mut self, draft: &Draft) -> Shape {
        let is_open = draft.values.is_none();
        let meets = |types: Types| is_open && draft.types.meets(types);
        let mut number = draft.number.clone();
        if let Some((low, high)) = draft.text.format.and_then(Format::range) {
            let mut narrower = number.clone();
            narrower.at_least(Decimal::whole(low), false);
            narrower.at_most(Decimal::whole(high), false);
            if Grid::whole(&narrower).is_some() {
                number = narrower;
            }
        }
        let unsure = draft.unsure.iter().filter(|id| self.schemas.is_judged(**id)).map(|id| Lit::no(*id));
        let mut checks: Vec<Lit> = unsure.collect();
        // Of several that items are to contain, one may count for another.
        if draft.contains.len() > 1 {
            let holding = draft.holding(self.schemas).filter(|(_, schema)| schema.contains.is_some());
            checks.extend(holding.map(|(id, _)| Lit::yes(id)));
        }
        Shape {
            kinds: Vec::new(),
            types: draft.types,
            implied: draft.implied & draft.types,
            values: draft.values.clone(),
            excluded: draft.excluded.clone(),
            whole: meets(Types::INTEGER).then(|| Grid::whole(&number)).flatten(),
            fractions: meets(Types::FRACTION).then(|| Grid::fractions(&draft.number)).flatten(),
            texts: meets(Types::STRING).then(|| Self::texts(draft)).flatten(),
            items: if meets(Types::ARRAY) { self.items(draft) } else { Items::default() },
            fields: if meets(Types::OBJECT) { self.fields(draft) } else { Fields::default() },
            checks,
        }
    }

    fn texts(draft: &Draft) -> Option<Texts> {
        let format = draft.text.format.filter(|format| format.range().is_none());
        Texts::of(&Asked { format, ..draft.text.clone() })
    }

    fn items(&mut self, draft: &Draft) -> Items {
        let firsts = draft.holding(self.schemas).map(|(_, schema)| schema.first.len());
        let decided = draft.facts.iter().map(|fact| if let Fact::Item(at, _) = fact { at + 1 } else { 0 });
        let first = firsts.chain(decided).max().unwrap_or(0);
        let slots = (0..=first).map(|at| {
            // What may be there only so often isn't there but where it counts.
            let capped = draft.contains.iter().filter(|(_, _, most)| most.is_some()).map(|(lit, ..)| lit.not());
            let plain = draft.item(self.schemas, at, false).map(|lits| lits.into_iter().chain(capped).collect());
            let contained = draft.item(self.schemas, at, true);
            let counted = draft.contains.iter().map(|(lit, ..)| {
                let lits = contained.clone()?.into_iter().chain([*lit]).collect();
                self.inner(lits)
            });
            let counted = counted.collect();
            Slot { plain: plain.and_then(|lits| self.inner(lits)), counted }
        });
        let slots = slots.collect();
        Items {
            least: count(if draft.repeats { draft.least_items.max(2) } else { draft.least_items }),
            most: draft.most_items.map(count),
            slots,
            contains: draft
                .contains
                .iter()
                .map(|(_, least, most)| Contained { least: count(*least), most: most.map(count) })
                .collect(),
            unique: draft.unique,
            repeats: draft.repeats,
        }
    }

    fn inner(&mut self, lits: BTreeSet<Lit>) -> Option<usize> {
        told(self.schemas, lits).and_then(|lits| self.node(lits))
    }

    fn fields(&mut self, draft: &Draft) -> Fields {
        let mut names: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut add = |name: &String| {
            if seen.insert(name.clone()) {
                names.push(name.clone());
            }
        };
        for (_, schema) in draft.holding(self.schemas) {
            schema.properties.iter().for_each(|(name, _)| add(name));
        }
        draft.required.iter().for_each(&mut add);
        for (name, wanted) in &draft.needs {
            add(name);
            wanted.iter().for_each(&mut add);
        }
        let mut fields = Fields {
            least: count(draft.least_fields),
            most: draft.most_fields.map(count),
            names: draft.holding(self.schemas).filter_map(|(_, schema)| schema.names).collect(),
            ..Fields::default()
        };
        for name in names {
            let node = draft.field(self.schemas, &name).and_then(|lits| self.node(lits));
            let required = draft.required.contains(&name);
            match node {
                Some(node) => fields.known.push(Field { name, node, required, needs: Vec::new() }),
                None => fields.is_impossible |= required,
            }
        }
        Self::link(draft, &mut fields);
        fields.openings = self.openings(draft, &fields);
        fields
    }

    /// Which fields need which; one that needs what can't be can't be either.
    fn link(draft: &Draft, fields: &mut Fields) {
        loop {
            let lacks = |fields: &Fields, name: &str| !fields.known.iter().any(|field| field.name == name);
            let lacking = draft
                .needs
                .iter()
                .find(|(name, wanted)| !lacks(fields, name) && wanted.iter().any(|wanted| lacks(fields, wanted)));
            let Some((name, _)) = lacking else { break };
            fields.is_impossible |= fields.known.iter().any(|field| field.name == *name && field.required);
            fields.known.retain(|field| field.name != *name);
        }
        let at = |fields: &Fields, name: &String| fields.known.iter().position(|field| field.name == *name);
        for (name, wanted) in &draft.needs {
            let needs: Vec<usize> = wanted.iter().filter_map(|wanted| at(fields, wanted)).collect();
            if let Some(field) = at(fields, name).and_then(|at| fields.known.get_mut(at)) {
                field.needs.extend(needs);
            }
        }
    }

    /// Fields that nobody has named: of each expression, and all others.
    fn openings(&mut self, draft: &Draft, fields: &Fields) -> Vec<Opening> {
        let mut patterns = Vec::new();
        for (_, schema) in draft.holding(self.schemas) {
            for (pattern, _) in &schema.patterns {
                if !patterns.iter().any(|known: &Arc<_>| Arc::ptr_eq(known, pattern)) {
                    patterns.push(pattern.clone());
                }
            }
        }
        let taken: Vec<String> =
            fields.known.iter().map(|field| field.name.clone()).chain(draft.forbidden.clone()).collect();
        let mut openings = Vec::new();
        for at in (0..patterns.len()).map(Some).chain([None]) {
            let with: Vec<_> = at.and_then(|at| patterns.get(at)).cloned().into_iter().collect();
            let others = patterns.iter().enumerate().filter(|(other, _)| Some(*other) != at);
            let without: Vec<_> = others.map(|(_, pattern)| pattern.clone()).collect();
            let (lits, is_said) = self.opened(draft, with.first());
            let Some(node) = told(self.schemas, lits.clone()).and_then(|lits| self.node(lits)) else { continue };
            let asked = Asked {
                shortest: u64::from(with.is_empty()),
                longest: with.is_empty().then_some(12),
                with,
                without: without.clone(),
                format: None,
            };
            let names = if fields.names.is_empty() || at.is_some() {
                Texts::of(&asked).map(|texts| Names::Texts(Box::new(texts)))
            } else {
                let lits = fields.names.iter().map(|id| Lit::yes(*id)).collect();
                self.inner(lits).map(Names::Node)
            };
            let share = match (is_said, lits.is_empty()) {
                (false, _) => 0,
                (true, true) => 10,
                (true, false) => 50,
            };
            openings.extend(names.map(|names| Opening { names, without, taken: taken.clone(), node, share }));
        }
        openings
    }

    /// What is asked of a field whose name matches an expression, or none; and whether anybody speaks of such fields.
    fn opened(&self, draft: &Draft, pattern: Option<&Arc<Expression>>) -> (BTreeSet<Lit>, bool) {
        let mut lits = BTreeSet::new();
        let mut is_said = false;
        let speaks = |schema: &Schema| {
            pattern.is_some_and(|pattern| schema.patterns.iter().any(|(known, _)| Arc::ptr_eq(known, pattern)))
        };
        for (id, schema) in draft.holding(self.schemas) {
            if speaks(schema) {
                is_said = true;
                let matching = schema
                    .patterns
                    .iter()
                    .filter(|(known, _)| pattern.is_some_and(|pattern| Arc::ptr_eq(known, pattern)));
                lits.extend(matching.map(|(_, id)| Lit::yes(*id)));
            } else if let Some(open) = schema.additional {
                is_said = true;
                lits.insert(Lit::yes(open));
            }
            if let Some(open) = schema.unevaluated
                && !draft.evaluators(self.schemas, id).any(|(other, schema)| {
                    speaks(schema) || schema.additional.is_some() || (other != id && schema.unevaluated.is_some())
                })
            {
                is_said = true;
                lits.insert(Lit::yes(open));
            }
        }
        (lits, is_said)
    }
}
