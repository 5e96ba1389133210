//! One way of being valid, in which nothing is left to decide but values.

use std::sync::Arc;

use serde_json::Value;

use crate::generate::json_schema::number::Grid;
use crate::generate::json_schema::schema::{Id, Lit, Types};
use crate::generate::json_schema::text::{Expression, Texts};

/// Which node.
pub(in super::super) type NodeId = usize;

/// All that schemas ask of one place together: the ways of being valid there.
#[derive(Debug, Default)]
pub(in super::super) struct Node {
    pub(in super::super) shapes: Vec<Shape>,
    /// How deep its flattest value is; none where there is no value.
    pub(in super::super) cost: Option<usize>,
    /// The smallest value that was found.
    pub(in super::super) smallest: Value,
}

/// One way of being valid.
#[derive(Debug)]
pub(in super::super) struct Shape {
    /// The kinds that values can be of, each with how deep its flattest value is.
    pub(in super::super) kinds: Vec<(Types, usize)>,
    /// The kinds that it can be of for all that its schemas ask.
    pub(in super::super) types: Types,
    /// The kinds that it speaks of, where it doesn't restrict them.
    pub(in super::super) implied: Types,
    /// All values there are, where they are listed.
    pub(in super::super) values: Option<Vec<Value>>,
    /// Values that it can't be.
    pub(in super::super) excluded: Vec<Value>,
    pub(in super::super) whole: Option<Grid>,
    pub(in super::super) fractions: Option<Grid>,
    pub(in super::super) texts: Option<Texts>,
    pub(in super::super) items: Items,
    pub(in super::super) fields: Fields,
    /// What values are to be held against, since putting them together doesn't make sure of it.
    pub(in super::super) checks: Vec<Lit>,
}

/// The items of an array.
#[derive(Debug, Default)]
pub(in super::super) struct Items {
    pub(in super::super) least: usize,
    pub(in super::super) most: Option<usize>,
    /// The first ones, each with a schema of its own, and at last that of all others.
    pub(in super::super) slots: Vec<Slot>,
    pub(in super::super) contains: Vec<Contained>,
    pub(in super::super) unique: bool,
    /// Two of them are the same.
    pub(in super::super) repeats: bool,
}

/// How many items have to be of a kind.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Contained {
    pub(in super::super) least: usize,
    pub(in super::super) most: Option<usize>,
}

/// A place among items; without nodes where there can't be an item.
#[derive(Debug, Default)]
pub(in super::super) struct Slot {
    /// An item that counts for nothing.
    pub(in super::super) plain: Option<NodeId>,
    /// One that counts as contained, for each kind of them.
    pub(in super::super) counted: Vec<Option<NodeId>>,
}

/// The fields of an object.
#[derive(Debug, Default)]
pub(in super::super) struct Fields {
    /// Those that schemas name and that can be there.
    pub(in super::super) known: Vec<Field>,
    /// Others that can be there.
    pub(in super::super) openings: Vec<Opening>,
    pub(in super::super) least: usize,
    pub(in super::super) most: Option<usize>,
    /// What is asked of names.
    pub(in super::super) names: Vec<Id>,
    /// A field that has to be there can't be.
    pub(in super::super) is_impossible: bool,
}

/// A field that schemas name.
#[derive(Debug)]
pub(in super::super) struct Field {
    pub(in super::super) name: String,
    pub(in super::super) node: NodeId,
    pub(in super::super) required: bool,
    /// Which others have to be there with it.
    pub(in super::super) needs: Vec<usize>,
}

/// Fields whose names nobody has listed.
#[derive(Debug)]
pub(in super::super) struct Opening {
    pub(in super::super) names: Names,
    /// Expressions of which names match none.
    pub(in super::super) without: Vec<Arc<Expression>>,
    /// Names that can't be.
    pub(in super::super) taken: Vec<String>,
    pub(in super::super) node: NodeId,
    /// In how many of a hundred objects there are such fields; none are where nobody speaks of them, unless they must.
    pub(in super::super) share: usize,
}

/// Where names come from.
#[derive(Debug)]
pub(in super::super) enum Names {
    Texts(Box<Texts>),
    /// The texts of a place.
    Node(NodeId),
}
