//! All places that documents can have, each with the ways of being valid there.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::choices::decided;
use super::draft::Draft;
use super::shape::{Node, NodeId, Shape};
use crate::contract::json_schema::Dialect;
use crate::generate::json_schema::Unmade;
use crate::generate::json_schema::schema::{Id, Lit, Schemas, read};

/// What a schema's documents look like.
#[derive(Debug)]
pub(in super::super) struct Plan {
    pub(in super::super) schemas: Schemas,
    pub(in super::super) nodes: Vec<Node>,
    pub(in super::super) root: NodeId,
}

/// Places are told apart by what is asked there. More aren't looked at, the deepest being left out.
const LARGEST: usize = 8_000;
/// Ways of being valid, in all places together.
const SHAPES: usize = 20_000;
/// How often places are looked at again whose ways turned out to lead nowhere.
const AGAIN: usize = 2;

impl Plan {
    pub(in super::super) fn of(schema: &Value, dialect: Dialect) -> Result<Self, Unmade> {
        let (schemas, root) = read(schema, dialect);
        if schemas.loops() {
            return Err(Unmade::Endless);
        }
        let mut planning = Planning {
            schemas: &schemas,
            known: HashMap::new(),
            asked: Vec::new(),
            nodes: Vec::new(),
            dead: BTreeSet::new(),
            done: 0,
            shapes: 0,
        };
        let root = planning.root(root);
        planning.grow();
        super::cost::count(&mut planning.nodes);
        for _ in 0..AGAIN {
            if !planning.again() {
                break;
            }
            planning.grow();
            super::cost::count(&mut planning.nodes);
        }
        let mut nodes = planning.nodes;
        super::cost::prune(&mut nodes);
        let mut plan = Self { schemas, nodes, root };
        plan.find_smallest();
        Ok(plan)
    }

    /// Why nothing was found.
    pub(in super::super) fn why(&self) -> Unmade {
        self.schemas.unfollowed().map_or(Unmade::Nothing, |text| Unmade::Expression(text.to_owned()))
    }

    pub(in super::super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    pub(in super::super) fn smallest(&self, id: NodeId) -> Value {
        self.node(id).map(|node| node.smallest.clone()).unwrap_or_default()
    }

    /// How deep the flattest value of a node is; none where there is no value.
    pub(in super::super) fn cost(&self, id: NodeId) -> Option<usize> {
        self.node(id).and_then(|node| node.cost)
    }
}

/// Work on a plan.
pub(super) struct Planning<'a> {
    pub(super) schemas: &'a Schemas,
    /// Nodes by what is asked of them.
    known: HashMap<Vec<Lit>, NodeId>,
    asked: Vec<Vec<Lit>>,
    nodes: Vec<Node>,
    /// What nothing is like.
    dead: BTreeSet<Vec<Lit>>,
    /// So many nodes have their shapes.
    done: usize,
    shapes: usize,
}

impl Planning<'_> {
    fn root(&mut self, id: Id) -> NodeId {
        let lits = if self.schemas.is_anything(id) { BTreeSet::new() } else { BTreeSet::from([Lit::yes(id)]) };
        self.node(lits).unwrap_or(0)
    }

    /// The node of what is asked, which waits for its shapes if it is new; none where there are too many.
    pub(super) fn node(&mut self, lits: BTreeSet<Lit>) -> Option<NodeId> {
        let lits: Vec<Lit> = lits.into_iter().collect();
        if let Some(id) = self.known.get(&lits) {
            return Some(*id);
        }
        if self.nodes.len() >= LARGEST {
            return None;
        }
        let id = self.nodes.len();
        self.known.insert(lits.clone(), id);
        self.asked.push(lits);
        self.nodes.push(Node::default());
        Some(id)
    }

    /// Gives all nodes their shapes, the flattest first.
    fn grow(&mut self) {
        while let Some(lits) = self.asked.get(self.done).cloned() {
            if self.shapes < SHAPES {
                let shapes = self.shapes_of(&lits);
                self.set(self.done, shapes);
            }
            self.done += 1;
        }
    }

    fn shapes_of(&mut self, lits: &[Lit]) -> Vec<Shape> {
        let dead = &self.dead;
        let drafts: Vec<Draft> = decided(self.schemas, lits, &|lits| dead.contains(lits));
        drafts.iter().map(|draft| self.shape(draft)).collect()
    }

    fn set(&mut self, id: NodeId, shapes: Vec<Shape>) {
        self.shapes += shapes.len();
        if let Some(node) = self.nodes.get_mut(id) {
            node.shapes = shapes;
        }
    }

    /// Looks again at places with ways that lead nowhere, now that this is known; false where there are none.
    fn again(&mut self) -> bool {
        let dead =
            self.nodes.iter().zip(&self.asked).filter(|(node, _)| node.cost.is_none()).map(|(_, lits)| lits.clone());
        let before = self.dead.len();
        self.dead.extend(dead);
        if self.dead.len() == before || self.shapes >= SHAPES {
            return false;
        }
        let leads_nowhere = |node: &Node| node.shapes.iter().any(|shape| shape.cost().is_none());
        let again: Vec<NodeId> =
            self.nodes.iter().enumerate().filter(|(_, node)| leads_nowhere(node)).map(|(id, _)| id).collect();
        for id in again {
            let lits = self.asked.get(id).cloned().unwrap_or_default();
            let shapes = self.shapes_of(&lits);
            self.set(id, shapes);
        }
        true
    }
}
