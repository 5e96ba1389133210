//! How deep the flattest value of each place is: what is left out where documents are to come to an end.

use super::shape::{Fields, Items, Node, NodeId, Shape};
use crate::generate::json_schema::schema::Types;

type Cost<'a> = &'a dyn Fn(NodeId) -> Option<usize>;

/// Finds it for all nodes and shapes.
pub(super) fn count(nodes: &mut [Node]) {
    let mut costs: Vec<Option<usize>> = vec![None; nodes.len()];
    for node in nodes.iter_mut() {
        node.cost = None;
    }
    loop {
        let mut changed = false;
        for at in 0..nodes.len() {
            let Some(node) = nodes.get_mut(at) else { break };
            for shape in &mut node.shapes {
                shape.kinds = kinds(shape, &|id| costs.get(id).copied().flatten());
            }
            let cost = node.shapes.iter().filter_map(Shape::cost).min();
            if let Some(known) = costs.get_mut(at)
                && *known != cost
            {
                changed = true;
                *known = cost;
                node.cost = cost;
            }
        }
        if !changed {
            break;
        }
    }
}

/// Leaves out what nothing is like.
pub(super) fn prune(nodes: &mut [Node]) {
    let costs: Vec<Option<usize>> = nodes.iter().map(|node| node.cost).collect();
    let is_made = |id: NodeId| costs.get(id).copied().flatten().is_some();
    for shape in nodes.iter_mut().flat_map(|node| &mut node.shapes) {
        shape.fields.openings.retain(|opening| is_made(opening.node));
        for slot in &mut shape.items.slots {
            slot.plain = slot.plain.filter(|id| is_made(*id));
            slot.counted.iter_mut().for_each(|node| *node = node.filter(|id| is_made(*id)));
        }
    }
    for node in nodes.iter_mut() {
        node.shapes.retain(|shape| shape.cost().is_some());
    }
}

fn kinds(shape: &Shape, cost: Cost<'_>) -> Vec<(Types, usize)> {
    if shape.values.is_some() {
        return Vec::new();
    }
    let deep = |kind: Types| match kind {
        Types::INTEGER => shape.whole.as_ref().map(|_| 0),
        Types::FRACTION => shape.fractions.as_ref().map(|_| 0),
        Types::STRING => shape.texts.as_ref().map(|_| 0),
        Types::ARRAY => of_items(&shape.items, cost),
        Types::OBJECT => of_fields(&shape.fields, cost),
        _ => Some(0),
    };
    let allowed = Types::EACH.into_iter().filter(|kind| kind.meets(shape.types));
    allowed.filter_map(|kind| Some((kind, deep(kind)?))).collect()
}

fn of_items(items: &Items, cost: Cost<'_>) -> Option<usize> {
    let laid = items.fewest(&|id| cost(id).is_some())?;
    let deepest = laid.iter().filter_map(|id| cost(*id)).max();
    Some(deepest.map_or(0, |deepest| deepest + 1))
}

fn of_fields(fields: &Fields, cost: Cost<'_>) -> Option<usize> {
    let (chosen, fresh) = fields.fewest(cost)?;
    let chosen = fields.known.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(field, _)| field.node);
    let opened = fields.openings.iter().filter(|_| fresh > 0).filter_map(|opening| cost(opening.node)).min();
    let deepest = chosen.filter_map(cost).chain(opened).max();
    Some(deepest.map_or(0, |deepest| deepest + 1))
}

impl Shape {
    /// How deep its flattest value is; none where there is none.
    pub(in super::super) fn cost(&self) -> Option<usize> {
        if self.values.is_some() { Some(0) } else { self.kinds.iter().map(|(_, cost)| *cost).min() }
    }
}

impl Items {
    /// As few items as there have to be; none where there can't be so many.
    pub(in super::super) fn fewest(&self, makes: &dyn Fn(NodeId) -> bool) -> Option<Vec<NodeId>> {
        let counted: usize = self.contains.iter().map(|contained| contained.least).sum();
        let least = self.least.max(counted);
        // What has to be there may only fit behind the first ones.
        (least..=least + self.slots.len()).take(20).find_map(|count| self.laid(count, 0, makes))
    }

    /// So many items, those that count somewhere from a place on; none where that can't be.
    pub(in super::super) fn laid(
        &self,
        count: usize,
        from: usize,
        makes: &dyn Fn(NodeId) -> bool,
    ) -> Option<Vec<NodeId>> {
        /// No array is longer.
        const LONGEST: usize = 2_000;
        if self.most.is_some_and(|most| count > most) || count > LONGEST {
            return None;
        }
        let slot = |at: usize| self.slots.get(at).or(self.slots.last());
        let mut laid: Vec<Option<NodeId>> = vec![None; count];
        let mut used: Vec<usize> = Vec::new();
        for (kind, contained) in self.contains.iter().enumerate() {
            for _ in 0..contained.least {
                let places = (0..count).map(|step| (from + step) % count);
                let node = |at: usize| slot(at)?.counted.get(kind).copied().flatten().filter(|id| makes(*id));
                let (at, node) = places
                    .filter(|at| laid.get(*at).is_some_and(Option::is_none))
                    .find_map(|at| Some((at, node(at)?)))?;
                if let Some(place) = laid.get_mut(at) {
                    *place = Some(node);
                }
            }
            used.push(contained.least);
        }
        for (at, place) in laid.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
            let slot = slot(at)?;
            *place = slot.plain.filter(|id| makes(*id)).or_else(|| {
                let kinds = slot.counted.iter().zip(&self.contains).zip(&mut used);
                kinds.filter(|((_, contained), used)| contained.most.is_none_or(|most| **used < most)).find_map(
                    |((node, _), used)| {
                        let node = node.filter(|id| makes(*id))?;
                        *used += 1;
                        Some(node)
                    },
                )
            });
            place.as_ref()?;
        }
        laid.into_iter().collect()
    }
}

impl Fields {
    /// Which fields have to be there, and how many that nobody has named; none where that can't be.
    pub(in super::super) fn fewest(&self, cost: Cost<'_>) -> Option<(Vec<bool>, usize)> {
        if self.is_impossible {
            return None;
        }
        let mut chosen: Vec<bool> = self.known.iter().map(|field| field.required).collect();
        if self.known.iter().any(|field| field.required && cost(field.node).is_none()) {
            return None;
        }
        let mut order: Vec<(usize, usize)> =
            self.known.iter().enumerate().filter_map(|(at, field)| Some((cost(field.node)?, at))).collect();
        order.sort_unstable();
        for (_, at) in order {
            if chosen.iter().filter(|chosen| **chosen).count() >= self.least {
                break;
            }
            self.choose(at, &mut chosen, cost);
        }
        let count = chosen.iter().filter(|chosen| **chosen).count();
        let fresh = self.least.saturating_sub(count);
        let is_open = self.openings.iter().any(|opening| cost(opening.node).is_some());
        let fits = self.most.is_none_or(|most| count <= most);
        (fits && (fresh == 0 || is_open)).then_some((chosen, fresh))
    }

    /// Adds a field with those that it needs, where that can be.
    pub(in super::super) fn choose(&self, at: usize, chosen: &mut [bool], cost: Cost<'_>) {
        let mut with = vec![at];
        let mut next = 0;
        while let Some(field) = with.get(next).and_then(|at| self.known.get(*at)) {
            if cost(field.node).is_none() {
                return;
            }
            let more: Vec<usize> = field.needs.iter().copied().filter(|at| !with.contains(at)).collect();
            with.extend(more);
            next += 1;
        }
        let count = chosen.iter().filter(|chosen| **chosen).count();
        let added = with.iter().filter(|at| !chosen.get(**at).copied().unwrap_or(true)).count();
        if self.most.is_some_and(|most| count + added > most) {
            return;
        }
        for at in with {
            if let Some(chosen) = chosen.get_mut(at) {
                *chosen = true;
            }
        }
    }
}
