//! The items of an array by chance.

use serde_json::Value;

use super::draw::Making;
use crate::generate::json_schema::plan::{Items, NodeId};
use crate::generate::json_schema::schema::equal;

impl Making<'_> {
    pub(super) fn items(&mut self, items: &Items, depth: usize) -> Option<Vec<Value>> {
        let plan = self.plan;
        let makes = |id: NodeId| plan.cost(id).is_some_and(|cost| cost < depth);
        let counted: usize = items.contains.iter().map(|contained| contained.least).sum();
        let least = items.least.max(counted);
        let more = if self.left == 0 { 0 } else { self.chance.below(6).min(self.chance.below(6)) };
        let more = if self.chance.percent(10) { more * 3 } else { more };
        let wanted = items.most.map_or(least + more, |most| most.min(least + more)).max(least);
        let from = self.chance.below(wanted.max(1));
        let laid = (least..=wanted).rev().find_map(|count| items.laid(count, from, &makes));
        let laid = laid.or_else(|| items.fewest(&makes))?;
        let needed = laid.len().min(least);
        let mut made: Vec<Value> = Vec::with_capacity(laid.len());
        for id in laid {
            let is_new = |item: &Value, made: &[Value]| !items.unique || !made.iter().any(|known| equal(known, item));
            let mut item = (0..8).map(|_| self.value(id, depth - 1)).find(|item| is_new(item, &made));
            if item.is_none() && made.len() < needed {
                item = plan.others(id).into_iter().find(|item| is_new(item, &made));
            }
            match item {
                Some(item) => made.push(item),
                None if made.len() >= needed => break,
                None => return None,
            }
        }
        if items.repeats {
            let first = made.first().cloned()?;
            *made.last_mut()? = first;
        }
        Some(made)
    }
}
