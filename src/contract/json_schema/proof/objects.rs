//! Objects: which fields there may be, which there must be, and what each may hold.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::fits::{Fitting, order};
use super::super::raised;
use super::super::regular::{Asked, Found, Machine, find};
use super::same::same;
use super::{Conjunction, Node, Prover};

impl<'a> Prover<'a> {
    pub(super) fn implies_fields(
        &self,
        written: &Conjunction<'a>,
        read: Node<'a>,
        keyword: &str,
        argument: Node<'a>,
    ) -> bool {
        let by_name = || argument.map().into_iter().flatten();
        match keyword {
            "properties" => by_name().all(|(name, schema)| self.covers_field(written, name, read.with(schema))),
            "patternProperties" => {
                by_name().all(|(pattern, schema)| self.covers_pattern(written, pattern, read.with(schema)))
            }
            "additionalProperties" => self.covers_others(written, &[read], argument),
            "unevaluatedProperties" => {
                argument.schema == &Value::Bool(true)
                    || evaluating(read).is_some_and(|nodes| self.covers_others(written, &nodes, argument))
            }
            "propertyNames" => {
                written.all("propertyNames").any(|own| self.covers_inner(&Conjunction::of([own]), argument))
                    || self.names(written).is_some_and(|names| {
                        let fitting = Fitting { whole: argument.whole, expressions: self.expressions };
                        names.iter().all(|name| {
                            fitting.fits(argument.schema, &Value::from(name.as_str())) == Some(true)
                                || self.is_inner_impossible(&self.field(written, name))
                        })
                    })
            }
            "required" => listed(argument.schema).all(|name| requires(written, name)),
            "minProperties" => {
                let required: BTreeSet<&str> = written.all("required").flat_map(|names| listed(names.schema)).collect();
                order(&Value::from(required.len()), argument.schema).is_some_and(Ordering::is_ge)
                    || limits(written, "minProperties", argument.schema, Ordering::is_ge)
            }
            "maxProperties" => {
                limits(written, "maxProperties", argument.schema, Ordering::is_le)
                    || self.names(written).is_some_and(|names| {
                        order(&Value::from(names.len()), argument.schema).is_some_and(Ordering::is_le)
                    })
            }
            "dependentRequired" => by_name().all(|(name, wanted)| {
                self.is_inner_impossible(&self.field(written, name))
                    || listed(wanted).all(|wanted| {
                        requires(written, wanted)
                            || written.all("dependentRequired").any(|own| {
                                own.schema.get(name).is_some_and(|names| listed(names).any(|one| one == wanted))
                            })
                    })
            }),
            "dependentSchemas" => by_name().all(|(name, schema)| {
                self.is_inner_impossible(&self.field(written, name))
                    || written
                        .all("dependentSchemas")
                        .any(|own| own.get(name).is_some_and(|own| same(own, read.with(schema))))
                    || self.covers(written, read.with(schema))
            }),
            _ => false,
        }
    }

    fn covers_field(&self, written: &Conjunction<'a>, name: &str, read: Node<'a>) -> bool {
        self.covers_inner(&self.field(written, name), read)
    }

    /// What holds of a field if it is there.
    pub(super) fn field(&self, written: &Conjunction<'a>, name: &str) -> Conjunction<'a> {
        let mut nodes: Vec<Node<'a>> = Vec::new();
        for part in &written.parts {
            let Some(map) = part.map() else { continue };
            nodes.extend(part.get("properties").and_then(|all| all.get(name)));
            for (pattern, schema) in map.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
                if self.expressions.is_match(pattern, name) == Some(true) {
                    nodes.push(part.with(schema));
                }
            }
            if let Some(schema) = part.get("additionalProperties")
                && self.fitting(*part).is_named(map, name) == Some(false)
            {
                nodes.push(schema);
            }
            if let Some(schema) = part.get("unevaluatedProperties")
                && self.is_unevaluated(*part, name, 32)
            {
                nodes.push(schema);
            }
        }
        Conjunction::of(nodes)
    }

    fn fitting(&self, node: Node<'a>) -> Fitting<'a> {
        Fitting { whole: node.whole, expressions: self.expressions }
    }

    /// Whether nothing that speaks of the same value looks at a field of that name, in any case.
    fn is_unevaluated(&self, node: Node<'a>, name: &str, depth: usize) -> bool {
        let Some(map) = node.map() else { return true };
        if depth == 0 || map.contains_key("additionalProperties") {
            return false;
        }
        self.fitting(node).is_named(map, name) == Some(false)
            && around(node).into_iter().all(|inner| {
                inner.schema.get("unevaluatedProperties").is_none() && self.is_unevaluated(inner, name, depth - 1)
            })
    }

    /// Fields of every name that a pattern matches.
    fn covers_pattern(&self, written: &Conjunction<'a>, pattern: &str, read: Node<'a>) -> bool {
        let names = self.names(written);
        let known: BTreeSet<&str> =
            all_names(written).into_iter().chain(names.iter().flatten().map(String::as_str)).collect();
        let is_concerned = |name: &&str| self.expressions.is_match(pattern, name) != Some(false);
        let concerned: Vec<&str> = known.into_iter().filter(is_concerned).collect();
        if !concerned.iter().all(|name| self.covers_field(written, name, read)) {
            return false;
        }
        if self.knows_all(pattern, &concerned) {
            return true;
        }
        let alike =
            Conjunction::of(written.parts.iter().filter_map(|part| part.get("patternProperties")?.get(pattern)));
        if (!alike.parts.is_empty() || alike.is_false) && self.covers_inner(&alike, read) {
            return true;
        }
        names.is_some()
            || written.parts.iter().any(|part| self.covers_alternatives(*part, &[], read))
            || self.covers_inner(&Conjunction::of([Node::everything()]), read)
    }

    /// Whether these are all names that a pattern matches.
    fn knows_all(&self, pattern: &str, names: &[&str]) -> bool {
        let literal = |name: &&str| Machine::of(&format!("^{}$", regex::escape(name)));
        let literals: Vec<Machine> = names.iter().take(16).filter_map(literal).collect();
        let Some(machine) = self.machine(pattern).filter(|_| self.step()) else { return false };
        let asked = Asked { with: vec![&machine], without: literals.iter().collect(), lines: true, ..Asked::default() };
        find(&asked) == Found::Nothing
    }

    /// Fields of all names that these of the reader's schemas don't name.
    fn covers_others(&self, written: &Conjunction<'a>, nodes: &[Node<'a>], read: Node<'a>) -> bool {
        let is_named = |name: &str| {
            nodes.iter().any(|node| {
                node.map().is_some_and(|map| self.fitting(*node).is_named(map, name) == Some(true))
                    || node.schema.get("additionalProperties").is_some() && nodes.len() > 1
            })
        };
        let known = all_names(written);
        let names = self.names(written);
        let listed = names.iter().flatten().map(String::as_str);
        let others: BTreeSet<&str> = known.into_iter().chain(listed).filter(|name| !is_named(name)).collect();
        if !others.into_iter().all(|name| self.covers_field(written, name, read)) {
            return false;
        }
        if names.is_some() || read.schema == &Value::Bool(true) {
            return true;
        }
        let patterns: Vec<&str> = nodes
            .iter()
            .flat_map(|node| {
                node.schema.get("patternProperties").and_then(Value::as_object).into_iter().flat_map(Map::keys)
            })
            .map(String::as_str)
            .collect();
        written.parts.iter().any(|part| self.covers_alternatives(*part, &patterns, read))
            || self.covers_inner(&Conjunction::of([Node::everything()]), read)
    }

    /// All that a schema may mean for a field that it doesn't name: of one of its patterns, or additional.
    fn covers_alternatives(&self, part: Node<'a>, but: &[&str], read: Node<'a>) -> bool {
        let Some(map) = part.map() else { return false };
        let rest = match (part.get("additionalProperties"), part.get("unevaluatedProperties")) {
            (Some(schema), _) => schema,
            (None, Some(schema)) if around(part).is_empty() => schema,
            _ => return false,
        };
        let patterns = map.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        let others =
            patterns.filter(|(pattern, _)| !but.contains(&pattern.as_str())).map(|(_, schema)| part.with(schema));
        [rest].into_iter().chain(others).all(|schema| self.covers_inner(&Conjunction::of([schema]), read))
    }

    /// The names of all fields that there may be, where they are listed.
    pub(super) fn names(&self, written: &Conjunction<'a>) -> Option<BTreeSet<String>> {
        for part in &written.parts {
            let Some(map) = part.map() else { continue };
            if let Some(names) = part.get("propertyNames").and_then(|names| self.listed(&Conjunction::of([names]))) {
                return Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            }
            let is_closed = |schema: Option<Node<'a>>| {
                schema.is_some_and(|schema| self.is_inner_impossible(&Conjunction::of([schema])))
            };
            if !map.contains_key("patternProperties") && is_closed(part.get("additionalProperties")) {
                return Some(keys(part.schema, "properties").map(str::to_owned).collect());
            }
            if !map.contains_key("additionalProperties")
                && part.schema.get("unevaluatedProperties") == Some(&Value::Bool(false))
                && let Some(names) = every_name(*part, 32)
            {
                return Some(names);
            }
        }
        None
    }

    /// Whether no object may be written.
    pub(super) fn has_no_object(&self, written: &Conjunction<'a>) -> bool {
        let required: BTreeSet<&str> = written.all("required").flat_map(|names| listed(names.schema)).collect();
        let most = written.all("maxProperties").filter_map(|most| most.schema.as_u64()).min();
        let least = written.all("minProperties").filter_map(|least| least.schema.as_u64()).max().unwrap_or(0);
        most.is_some_and(|most| most < least.max(required.len() as u64))
            || required.into_iter().any(|name| self.is_inner_impossible(&self.field(written, name)))
    }
}

/// The schemas that speak of the same value as this one, by its references and combinations.
fn around(node: Node<'_>) -> Vec<Node<'_>> {
    let mut found: Vec<Node<'_>> = Vec::new();
    let target = node.schema.get("$ref").and_then(Value::as_str).and_then(|name| raised::resolve(node.whole, name));
    found.extend(target.map(|target| node.with(target)));
    for keyword in ["allOf", "anyOf", "oneOf"] {
        found.extend(node.list(keyword));
    }
    found.extend(["not", "if", "then", "else"].iter().filter_map(|keyword| node.get(keyword)));
    let dependent = node.schema.get("dependentSchemas").and_then(Value::as_object).into_iter().flat_map(Map::values);
    found.extend(dependent.map(|schema| node.with(schema)));
    found
}

/// All names of which a schema and those around it speak; none where they may speak of any.
fn every_name(node: Node<'_>, depth: usize) -> Option<BTreeSet<String>> {
    let open = ["patternProperties", "additionalProperties"];
    if depth == 0 || open.iter().any(|keyword| node.schema.get(*keyword).is_some()) {
        return None;
    }
    let mut names: BTreeSet<String> = keys(node.schema, "properties").map(str::to_owned).collect();
    for inner in around(node) {
        if inner.schema.get("unevaluatedProperties").is_some() {
            return None;
        }
        names.extend(every_name(inner, depth - 1)?);
    }
    Some(names)
}

/// The schemas that surely look at a value's fields together with this one; none where that depends on the value.
fn evaluating(read: Node<'_>) -> Option<Vec<Node<'_>>> {
    let depends = ["anyOf", "oneOf", "if", "dependentSchemas", "not"];
    let mut found = Vec::new();
    let mut waiting = vec![read];
    while let Some(node) = waiting.pop() {
        if found.len() > 64 || depends.iter().any(|keyword| node.schema.get(*keyword).is_some()) {
            return None;
        }
        if node.id() != read.id() && node.schema.get("unevaluatedProperties").is_some() {
            return None;
        }
        found.push(node);
        waiting.extend(around(node));
    }
    Some(found)
}

fn all_names<'a>(written: &Conjunction<'a>) -> BTreeSet<&'a str> {
    written.parts.iter().flat_map(|part| keys(part.schema, "properties")).collect()
}

fn keys<'a>(schema: &'a Value, keyword: &str) -> impl Iterator<Item = &'a str> {
    schema.get(keyword).and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str)
}

fn listed(names: &Value) -> impl Iterator<Item = &str> {
    names.as_array().into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn requires(written: &Conjunction<'_>, name: &str) -> bool {
    written.all("required").any(|names| listed(names.schema).any(|one| one == name))
}

fn limits(written: &Conjunction<'_>, keyword: &str, asked: &Value, is_enough: fn(Ordering) -> bool) -> bool {
    written.all(keyword).any(|own| order(own.schema, asked).is_some_and(is_enough))
}
