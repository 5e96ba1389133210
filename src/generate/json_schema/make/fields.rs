//! The fields of an object by chance.

use serde_json::{Map, Value};

use super::draw::Making;
use crate::generate::json_schema::plan::{Fields, NodeId};

impl Making<'_> {
    pub(super) fn fields(&mut self, fields: &Fields, depth: usize) -> Option<Map<String, Value>> {
        let plan = self.plan;
        let cost = |id: NodeId| plan.cost(id).filter(|cost| *cost < depth);
        let (mut chosen, mut fresh) = fields.fewest(&cost)?;
        for (at, field) in fields.known.iter().enumerate() {
            let is_wanted = self.left > 0 && !field.required && self.chance.percent(self.share);
            if is_wanted && !chosen.get(at).copied().unwrap_or(true) {
                fields.choose(at, &mut chosen, &cost);
            }
        }
        let count = chosen.iter().filter(|chosen| **chosen).count();
        let mut object = Map::new();
        for (field, _) in fields.known.iter().zip(&chosen).filter(|(_, chosen)| **chosen) {
            object.insert(field.name.clone(), self.value(field.node, depth - 1));
        }
        let room = fields.most.map_or(usize::MAX, |most| most.saturating_sub(count));
        fresh = fresh.min(room);
        for opening in fields.openings.iter().filter(|opening| cost(opening.node).is_some()) {
            // Where nobody speaks of such fields, there are as many as there must be.
            let wanted = self.left > 0 && self.chance.percent(opening.share);
            let more = if wanted { 1 + self.chance.below(3) } else { 0 };
            for _ in 0..fresh.max(more) {
                if object.len() >= count.saturating_add(room) {
                    break;
                }
                let name = (0..6)
                    .filter_map(|_| plan.name(opening, &mut self.chance))
                    .find(|name| !object.contains_key(name) && plan.is_free(fields, opening, name));
                if let Some(name) = name {
                    let value = self.value(opening.node, depth - 1);
                    object.insert(name, value);
                }
            }
            fresh = fields.least.saturating_sub(object.len());
        }
        (object.len() >= fields.least).then_some(object)
    }
}
