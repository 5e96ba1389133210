//! Changes to a part of a JSON body.

use serde_json::Value;

use super::super::json::{Kind as Is, Node};
use super::super::place::Step;
use super::super::shape::{self, Shape};
use super::{Change, Kind};

/// The body with the change in it; none where it has no such place, or the change makes nothing else of it.
pub fn edit(root: &Node<'_>, steps: &[Step], change: &Change) -> Option<String> {
    let (path, last) = match change.kind {
        Kind::Dropped | Kind::Renamed => (steps.get(..steps.len().checked_sub(1)?)?, steps.last()),
        _ => (steps, None),
    };
    within(root, path, change.one_row, &|node: &Node<'_>| match last {
        Some(step) => field(node, step, change.kind),
        None => part(node, change),
    })
}

/// What `op` makes of every part at the path, with all else as it was.
fn within(node: &Node<'_>, path: &[Step], one_row: bool, op: &dyn Fn(&Node<'_>) -> Option<String>) -> Option<String> {
    let Some((step, rest)) = path.split_first() else { return op(node) };
    let mut here = children(node, step);
    if one_row && !matches!(step, Step::Field(_)) {
        here = here.pop().into_iter().collect();
    }
    let mut all: Vec<Option<String>> = node.children.iter().map(|child| Some(child.raw.to_owned())).collect();
    let mut changed = false;
    for index in here {
        if let Some(text) = within(&node.children[index], rest, one_row, op) {
            all[index] = Some(text);
            changed = true;
        }
    }
    changed.then(|| node.with(&all))
}

/// Which children a step leads to.
fn children(node: &Node<'_>, step: &Step) -> Vec<usize> {
    let named = |wanted: &dyn Fn(&str) -> bool| {
        let names = node.names();
        (0..names.len()).filter(|index| wanted(&names[*index])).collect()
    };
    match (step, node.kind) {
        (Step::Each, Is::List) => (0..node.children.len()).collect(),
        (Step::Field(name), Is::Fields) => named(&|known| known == name),
        (Step::Generated, Is::Fields) => named(&shape::is_generated),
        _ => Vec::new(),
    }
}

/// A field dropped or renamed; of fields whose names a program made, the last.
fn field(parent: &Node<'_>, step: &Step, kind: Kind) -> Option<String> {
    let index = children(parent, step).pop()?;
    if kind == Kind::Renamed {
        let name = &parent.names()[index];
        return Some(parent.renamed(index, &format!("{name}_v2")));
    }
    let all: Vec<Option<String>> = parent.children.iter().map(|child| Some(child.raw.to_owned())).collect();
    Some(parent.with(&without(all, index)))
}

fn without(mut all: Vec<Option<String>>, index: usize) -> Vec<Option<String>> {
    all[index] = None;
    all
}

/// The part itself changed.
fn part(node: &Node<'_>, change: &Change) -> Option<String> {
    let rows = || -> Vec<Option<String>> { node.children.iter().map(|child| Some(child.raw.to_owned())).collect() };
    let quoted = |text: &str| Value::from(text).to_string();
    match (change.kind, node.kind) {
        (Kind::Null, kind) if kind != Is::Null => Some("null".to_owned()),
        (Kind::Type, Is::Number | Is::Bool) => Some(quoted(node.raw)),
        (Kind::Type, Is::Text) if change.salt.is_multiple_of(2) => Some("48213".to_owned()),
        (Kind::Type, Is::Text) => Some(format!("{{\"value\":{}}}", node.raw)),
        (Kind::Type, Is::List) => Some(format!("{{\"items\":{}}}", node.raw)),
        (Kind::Type, Is::Fields) => Some(format!("[{}]", node.raw)),
        (Kind::Emptied, Is::List) if !node.children.is_empty() => Some("[]".to_owned()),
        (Kind::Emptied, Is::Text) if node.raw != "\"\"" => Some("\"\"".to_owned()),
        (Kind::RowLost, Is::List) if node.children.len() > 1 => {
            let index = usize::try_from(change.salt).unwrap_or(0) % node.children.len();
            Some(node.with(&without(rows(), index)))
        }
        (Kind::Order, Is::List) if node.children.len() > 1 => {
            let mut rows = rows();
            rows.reverse();
            let was: Vec<&str> = node.children.iter().map(|child| child.raw).collect();
            if rows.iter().map(|row| row.as_deref().unwrap_or_default()).eq(was.iter().copied()) {
                rows.rotate_left(1);
            }
            let now: Vec<&str> = rows.iter().map(|row| row.as_deref().unwrap_or_default()).collect();
            (now != was).then(|| node.with(&rows))
        }
        (Kind::Format, Is::Text) => {
            let text = node.text()?;
            Some(quoted(&Shape::of(&text).reformatted(&text, change.salt)?))
        }
        (Kind::Format, Is::Number) if Shape::of(node.raw) == Shape::Epoch => {
            Shape::Epoch.reformatted(node.raw, change.salt)
        }
        (Kind::Value, Is::Bool) => Some(if node.raw == "true" { "false" } else { "true" }.to_owned()),
        (Kind::Value, Is::Number) => shape::another(node.raw, change.salt),
        (Kind::Value, Is::Text) => {
            let text = node.text()?;
            Some(quoted(&shape::another(&text, change.salt).unwrap_or_else(|| format!("{text}x"))))
        }
        _ => None,
    }
}
