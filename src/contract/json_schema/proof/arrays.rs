//! Arrays: what each item may be, and how many there may be.

use std::cmp::Ordering;

use serde_json::Value;

use super::super::fits::order;
use super::same::same;
use super::{Conjunction, Node, Prover};

/// Prefixes longer than this aren't looked at.
const PREFIX: usize = 100;

impl<'a> Prover<'a> {
    pub(super) fn implies_items(
        &self,
        written: &Conjunction<'a>,
        read: Node<'a>,
        keyword: &str,
        argument: Node<'a>,
    ) -> bool {
        let own_prefix = prefix(read);
        let longest = written.parts.iter().map(|part| prefix(*part)).max().unwrap_or(0).max(own_prefix);
        if longest > PREFIX {
            return false;
        }
        let has_item = |index: usize| !limits(written, "maxItems", &Value::from(index), Ordering::is_le);
        let is_accepted =
            |index: usize, schema: Node<'a>| !has_item(index) || self.covers_inner(&item(written, index), schema);
        match keyword {
            "prefixItems" => read.list("prefixItems").enumerate().all(|(index, schema)| is_accepted(index, schema)),
            "items" => (own_prefix..=longest).all(|index| is_accepted(index, argument)),
            "minItems" => limits(written, "minItems", argument.schema, Ordering::is_ge),
            "maxItems" => {
                limits(written, "maxItems", argument.schema, Ordering::is_le)
                    || argument.schema.as_u64().and_then(|most| usize::try_from(most).ok()).is_some_and(|most| {
                        self.is_inner_impossible(&item(written, most.min(longest)))
                            && (most <= longest || self.is_inner_impossible(&item(written, longest)))
                    })
            }
            "uniqueItems" => {
                argument.schema == &Value::Bool(false)
                    || written.all("uniqueItems").any(|own| own.schema == &Value::Bool(true))
                    || limits(written, "maxItems", &Value::from(1), Ordering::is_le)
            }
            "contains" => self.implies_contains(written, read, argument, longest),
            "unevaluatedItems" => argument.schema == &Value::Bool(true),
            _ => false,
        }
    }

    fn implies_contains(&self, written: &Conjunction<'a>, read: Node<'a>, asked: Node<'a>, longest: usize) -> bool {
        let one = Value::from(1);
        let least = read.schema.get("minContains").unwrap_or(&one);
        let own = |part: &Node<'a>| part.get("contains").map(|schema| (schema, *part));
        let has_enough = least.as_u64() == Some(0)
            || written.parts.iter().filter_map(own).any(|(schema, part)| {
                let own_least = part.schema.get("minContains").unwrap_or(&one);
                order(own_least, least).is_some_and(Ordering::is_ge)
                    && self.covers_inner(&Conjunction::of([schema]), asked)
            })
            || (limits(written, "minItems", least, Ordering::is_ge)
                && (0..=longest).all(|index| self.covers_inner(&item(written, index), asked)));
        let is_few = read.schema.get("maxContains").is_none_or(|most| {
            limits(written, "maxItems", most, Ordering::is_le)
                || written.parts.iter().filter_map(own).any(|(schema, part)| {
                    let own_most = part.schema.get("maxContains");
                    own_most.is_some_and(|own| order(own, most).is_some_and(Ordering::is_le)) && same(schema, asked)
                })
        });
        has_enough && is_few
    }

    /// Whether every array that may be written is too short for what must be in it.
    pub(super) fn has_no_array(&self, written: &Conjunction<'a>) -> bool {
        let least = written.all("minItems").filter_map(|least| least.schema.as_u64()).max().unwrap_or(0);
        let most = written.all("maxItems").filter_map(|most| most.schema.as_u64()).min();
        if most.is_some_and(|most| most < least) {
            return true;
        }
        let count = usize::try_from(least.min(PREFIX as u64)).unwrap_or(PREFIX);
        let longest = written.parts.iter().map(|part| prefix(*part)).max().unwrap_or(0);
        (0..count.min(longest + 1)).any(|index| self.is_inner_impossible(&item(written, index)))
    }
}

fn prefix(node: Node<'_>) -> usize {
    node.schema.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len)
}

/// What holds of an item.
pub(super) fn item<'a>(written: &Conjunction<'a>, index: usize) -> Conjunction<'a> {
    Conjunction::of(written.parts.iter().filter_map(|part| {
        let own = part.schema.get("prefixItems").and_then(|prefix| prefix.get(index)).map(|schema| part.with(schema));
        own.or_else(|| part.get("items"))
    }))
}

fn limits(written: &Conjunction<'_>, keyword: &str, asked: &Value, is_enough: fn(Ordering) -> bool) -> bool {
    written.all(keyword).any(|own| order(own.schema, asked).is_some_and(is_enough))
}
