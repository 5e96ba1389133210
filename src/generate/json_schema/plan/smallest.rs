//! The smallest value of each place that is found without looking for long.

use serde_json::{Map, Value};

use super::planning::Plan;
use super::shape::{Fields, Items, Names, NodeId, Opening, Shape};
use crate::generate::json_schema::chance::Chance;
use crate::generate::json_schema::make::Making;
use crate::generate::json_schema::schema::{Types, equal};
use crate::generate::json_schema::simpler::Weight;

impl Plan {
    /// Finds it for all nodes: from the flattest up, and once more, since what is deeper may be smaller.
    pub(super) fn find_smallest(&mut self) {
        let mut order: Vec<(usize, NodeId)> =
            self.nodes.iter().enumerate().filter_map(|(id, node)| Some((node.cost?, id))).collect();
        order.sort_unstable();
        for (cost, id) in &order {
            let found = self.least(*id, Some(*cost)).or_else(|| self.drawn(*id));
            self.put(*id, found);
        }
        for (_, id) in &order {
            let found = self.least(*id, None);
            self.put(*id, found);
        }
    }

    fn put(&mut self, id: NodeId, found: Option<Value>) {
        if let (Some(node), Some(found)) = (self.nodes.get_mut(id), found) {
            node.smallest = found;
        }
    }

    /// The smallest of those that each shape and kind makes.
    fn least(&self, id: NodeId, cost: Option<usize>) -> Option<Value> {
        let node = self.node(id)?;
        let is_spoken_of = |shape: &&Shape| shape.speaks();
        let is_any_spoken_of = node.shapes.iter().any(|shape| is_spoken_of(&shape));
        let shapes = node.shapes.iter().filter(|shape| !is_any_spoken_of || is_spoken_of(shape));
        let mut found: Option<(Weight, Value)> = None;
        for value in shapes.flat_map(|shape| self.smallest_of(shape, cost)) {
            let weight = Weight::of(&value);
            if found.as_ref().is_none_or(|(known, _)| weight < *known) {
                found = Some((weight, value));
            }
        }
        // Where all that is spoken of is deeper, anything does.
        let others = || node.shapes.iter().flat_map(|shape| self.simplest_of(shape, &shape.kinds, cost)).next();
        found.map(|(_, value)| value).or_else(others)
    }

    /// Where putting the smallest together doesn't do, one by chance may.
    fn drawn(&self, id: NodeId) -> Option<Value> {
        let mut making = Making::new(self, Chance::new(17), 40);
        (0..60).find_map(|_| making.checked(id, 4)).or_else(|| {
            let node = self.node(id)?;
            node.shapes.iter().find_map(|shape| shape.kinds.iter().find_map(|(kind, _)| self.plainest(shape, *kind)))
        })
    }

    /// The smallest value of a shape, for each kind that it speaks of.
    pub(in super::super) fn smallest_of(&self, shape: &Shape, cost: Option<usize>) -> Vec<Value> {
        let spoken: Vec<_> = shape.kinds.iter().filter(|(kind, _)| kind.meets(shape.implied)).copied().collect();
        self.simplest_of(shape, if spoken.is_empty() { &shape.kinds } else { &spoken }, cost)
    }

    fn simplest_of(&self, shape: &Shape, kinds: &[(Types, usize)], cost: Option<usize>) -> Vec<Value> {
        let listed = shape
            .values
            .iter()
            .flatten()
            .filter(|value| self.allows(shape, value))
            .min_by_key(|value| Weight::of(value));
        let kinds = kinds.iter().filter(|(_, deep)| cost.is_none_or(|cost| *deep <= cost));
        let made = kinds.filter_map(|(kind, _)| {
            let plainest = self.plainest(shape, *kind).filter(|value| self.allows(shape, value));
            plainest.or_else(|| {
                let others = shape.scalars(*kind).into_iter().filter(|value| self.allows(shape, value));
                others.min_by_key(Weight::of)
            })
        });
        listed.cloned().into_iter().chain(made).collect()
    }

    fn plainest(&self, shape: &Shape, kind: Types) -> Option<Value> {
        match kind {
            Types::ARRAY => self.fewest_items(&shape.items).map(Value::Array),
            Types::OBJECT => self.fewest_fields(&shape.fields).map(Value::Object),
            _ => shape.scalars(kind).into_iter().next(),
        }
    }

    fn fewest_items(&self, items: &Items) -> Option<Vec<Value>> {
        let laid = items.fewest(&|id| self.cost(id).is_some())?;
        let mut made: Vec<Value> = Vec::new();
        for id in laid {
            let smallest = self.smallest(id);
            let item = if items.unique && made.iter().any(|known| equal(known, &smallest)) {
                self.others(id).into_iter().find(|item| !made.iter().any(|known| equal(known, item)))?
            } else {
                smallest
            };
            made.push(item);
        }
        Some(made)
    }

    /// Values of a node that are not its smallest.
    pub(in super::super) fn others(&self, id: NodeId) -> Vec<Value> {
        let shapes = self.node(id).map(|node| &node.shapes[..]).unwrap_or_default();
        let mut others: Vec<Value> = Vec::new();
        for shape in shapes {
            others.extend(shape.values.iter().flatten().cloned());
            for (kind, _) in &shape.kinds {
                others.extend(shape.scalars(*kind));
                others.extend(self.plainest(shape, *kind));
            }
            others.retain(|value| self.allows(shape, value));
        }
        let mut making = Making::new(self, Chance::new(23), 20);
        others.extend((0..20).filter_map(|_| making.checked(id, 1)));
        others
    }

    pub(in super::super) fn fewest_fields(&self, fields: &Fields) -> Option<Map<String, Value>> {
        let (chosen, fresh) = fields.fewest(&|id| self.cost(id))?;
        let chosen = fields.known.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(field, _)| field);
        let mut made: Map<String, Value> =
            chosen.map(|field| (field.name.clone(), self.smallest(field.node))).collect();
        let mut chance = Chance::new(29);
        for at in 0..fresh {
            let mut openings = fields.openings.iter().filter(|opening| self.cost(opening.node).is_some());
            let mut name = |opening: &Opening| {
                let first = if at == 0 { self.simplest_name(opening) } else { None };
                let drawn = (0..40).filter_map(|_| self.name(opening, &mut Chance::new(chance.next())));
                first
                    .into_iter()
                    .chain(drawn)
                    .find(|name| self.is_free(fields, opening, name) && !made.contains_key(name))
            };
            let (opening, name) = openings.find_map(|opening| Some((opening, name(opening)?)))?;
            made.insert(name, self.smallest(opening.node));
        }
        Some(made)
    }

    pub(in super::super) fn simplest_name(&self, opening: &Opening) -> Option<String> {
        match &opening.names {
            Names::Texts(texts) => Some(texts.smallest()),
            Names::Node(id) => self.smallest(*id).as_str().map(str::to_owned),
        }
    }

    /// A name for a field that nobody has named.
    pub(in super::super) fn name(&self, opening: &Opening, chance: &mut Chance) -> Option<String> {
        match &opening.names {
            Names::Texts(texts) => Some(texts.draw(chance)),
            Names::Node(id) => {
                let mut making = Making::new(self, Chance::new(chance.next()), 10);
                making.text(*id)
            }
        }
    }

    /// Whether a name can be one that nobody has named.
    pub(in super::super) fn is_free(&self, fields: &Fields, opening: &Opening, name: &str) -> bool {
        !opening.taken.iter().any(|taken| taken == name)
            && !opening.without.iter().any(|pattern| pattern.is_match(name))
            && fields.names.iter().all(|id| self.schemas.fits(*id, &Value::from(name), 0))
    }

    /// Whether a value of a shape is as its schemas ask where putting it together doesn't make sure of it.
    pub(in super::super) fn allows(&self, shape: &Shape, value: &Value) -> bool {
        !shape.excluded.iter().any(|known| equal(known, value))
            && shape.checks.iter().all(|lit| self.schemas.keeps(*lit, value))
    }
}

impl Shape {
    /// Values of a kind that has no parts, the plainest first.
    pub(in super::super) fn scalars(&self, kind: Types) -> Vec<Value> {
        let first = |smallest: Option<Value>, more: Vec<Value>| smallest.into_iter().chain(more).collect();
        match kind {
            Types::NULL => vec![Value::Null],
            Types::BOOLEAN => vec![Value::Bool(false), Value::Bool(true)],
            Types::INTEGER => self.whole.as_ref().map(|grid| first(grid.smallest(), grid.edges())).unwrap_or_default(),
            Types::FRACTION => {
                self.fractions.as_ref().map(|grid| first(grid.smallest(), grid.edges())).unwrap_or_default()
            }
            Types::STRING => self
                .texts
                .as_ref()
                .map(|texts| {
                    first(Some(texts.smallest().into()), texts.edges().into_iter().map(Value::String).collect())
                })
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Whether it speaks of any kind that it can be of, or lists its values.
    fn speaks(&self) -> bool {
        self.values.is_some() || self.kinds.iter().any(|(kind, _)| kind.meets(self.implied))
    }
}
