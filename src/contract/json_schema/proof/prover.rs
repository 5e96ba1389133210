//! The walk over both schemas side by side.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;

use super::super::Dialect;
use super::super::canonical::{self, Difference};
use super::super::fits::{Expressions, Fitting};
use super::super::raised::{self, extract};
use super::super::regular::Machine;
use super::same::same;
use super::scalars::Types;
use super::{Conjunction, Node};

/// What is asked: which conjunction, and which schema of the reader.
type Pair = (Vec<usize>, usize);

/// A proof under way.
#[derive(Debug)]
pub(in super::super) struct Prover<'a> {
    pub(super) expressions: &'a Expressions,
    machines: RefCell<HashMap<String, Option<Rc<Machine>>>>,
    left: Cell<u64>,
    /// Pairs that are being proved, with how deep in the document that is and their number.
    open: RefCell<BTreeMap<Pair, (usize, usize)>>,
    /// Pairs that are proved, and such that were tried in vain.
    proved: RefCell<BTreeSet<Pair>>,
    failed: RefCell<BTreeSet<Pair>>,
    /// The lowest number of an open pair that the proof under way stands on.
    stands_on: Cell<usize>,
    /// How deep in the document.
    pub(super) deep: Cell<usize>,
    /// How deep in proofs.
    nested: Cell<usize>,
    /// How deep in contradictions.
    pub(super) contradictions: Cell<usize>,
    /// Whether there is a text, by what was asked.
    pub(super) texts: RefCell<HashMap<String, bool>>,
    /// How often the algebra may still be asked.
    algebra: Cell<u32>,
}

/// Proofs within proofs, deeper than which none is looked for.
const NESTED: usize = 120;
/// The algebra is asked this often about parts of the schemas.
const ALGEBRA: u32 = 16;

impl<'a> Prover<'a> {
    /// One that takes at most so many steps.
    pub(in super::super) fn new(expressions: &'a Expressions, steps: u64) -> Self {
        Self {
            expressions,
            machines: RefCell::default(),
            left: Cell::new(steps),
            open: RefCell::default(),
            proved: RefCell::default(),
            failed: RefCell::default(),
            stands_on: Cell::new(usize::MAX),
            deep: Cell::new(0),
            nested: Cell::new(0),
            contradictions: Cell::new(0),
            texts: RefCell::default(),
            algebra: Cell::new(ALGEBRA),
        }
    }

    /// Whether every value for which all of `written` hold is one that `read` accepts. `false` says that it isn't proved.
    pub(in super::super) fn covers(&self, written: &Conjunction<'a>, read: Node<'a>) -> bool {
        let read = read.resolved();
        if written.is_false || read.schema == &Value::Bool(true) {
            return true;
        }
        if self.left.get() == 0 || self.nested.get() > NESTED {
            return false;
        }
        self.left.set(self.left.get() - 1);
        let pair = (written.key(), read.id());
        if self.proved.borrow().contains(&pair) {
            return true;
        }
        if self.failed.borrow().contains(&pair) {
            return false;
        }
        let known = self.open.borrow().get(&pair).copied();
        if let Some((deep, number)) = known {
            // Met again deeper in the document: whatever breaks there would break here first.
            self.stands_on.set(self.stands_on.get().min(number));
            return deep < self.deep.get();
        }
        let number = self.open.borrow().len();
        self.open.borrow_mut().insert(pair.clone(), (self.deep.get(), number));
        let before = self.stands_on.replace(usize::MAX);
        self.nested.set(self.nested.get() + 1);
        let is_proved = self.shows(written, read);
        self.nested.set(self.nested.get() - 1);
        self.open.borrow_mut().remove(&pair);
        let stands_on = self.stands_on.get();
        if !is_proved {
            // Taking less for granted proves no more, but for what was met again too early.
            if stands_on >= number {
                self.failed.borrow_mut().insert(pair);
            }
        } else if stands_on >= number {
            self.proved.borrow_mut().insert(pair);
        }
        self.stands_on.set(if stands_on < number { before.min(stands_on) } else { before });
        is_proved
    }

    fn shows(&self, written: &Conjunction<'a>, read: Node<'a>) -> bool {
        if read.schema == &Value::Bool(false) {
            return self.is_impossible(written);
        }
        if written.parts.iter().any(|part| same(*part, read)) {
            return true;
        }
        if let Some(values) = self.listed(written) {
            let fitting = Fitting { whole: read.whole, expressions: self.expressions };
            if values
                .iter()
                .all(|value| self.excludes(written, value) || fitting.fits(read.schema, value) == Some(true))
            {
                return true;
            }
        }
        let Some(map) = read.map() else { return false };
        if map.iter().all(|(keyword, argument)| self.implies(written, read, keyword, read.with(argument))) {
            return true;
        }
        if self.is_impossible(written) {
            return true;
        }
        let cases = written.cases().filter(|cases| cases.len() <= 64);
        cases.is_some_and(|cases| cases.iter().all(|case| self.covers(case, read)))
            || self.covers_by_type(written, read)
            || self.asks_algebra(written, read)
    }

    /// Each type for itself, where the reader has something else for each.
    fn covers_by_type(&self, written: &Conjunction<'a>, read: Node<'a>) -> bool {
        let chooses = ["anyOf", "oneOf", "if", "not"].iter().any(|keyword| read.schema.get(*keyword).is_some());
        let types = self.types(written).each();
        chooses
            && types.len() > 1
            && types.iter().all(|schema| self.covers(&written.and(Node { schema, whole: schema }), read))
    }

    /// What keywords don't show one by one, the algebra may; it is asked about what is small.
    fn asks_algebra(&self, written: &Conjunction<'a>, read: Node<'a>) -> bool {
        let Some(first) = written.parts.first() else { return false };
        if self.algebra.get() == 0 || written.parts.iter().any(|part| !std::ptr::eq(part.whole, first.whole)) {
            return false;
        }
        let parts: Vec<&Value> = written.parts.iter().map(|part| part.schema).collect();
        let (Some(written), Some(read)) = (extract(&parts, first.whole), extract(&[read.schema], read.whole)) else {
            return false;
        };
        self.algebra.set(self.algebra.get() - 1);
        canonical::difference(&written, &read, Dialect::Draft202012.draft()) == Difference::Empty
    }

    /// Whether one keyword of the reader accepts all.
    fn implies(&self, written: &Conjunction<'a>, read: Node<'a>, keyword: &str, argument: Node<'a>) -> bool {
        match keyword {
            "$defs" | "then" | "else" | "minContains" | "maxContains" => true,
            "$ref" => {
                let target = argument.schema.as_str().and_then(|name| raised::resolve(read.whole, name));
                target.is_some_and(|target| self.covers(written, read.with(target)))
            }
            "allOf" => read.list("allOf").all(|part| self.covers(written, part)),
            "anyOf" => self.one_covers(written, &read.list("anyOf").collect::<Vec<_>>()),
            "oneOf" => {
                let cases: Vec<Node<'a>> = read.list("oneOf").collect();
                cases.iter().enumerate().any(|(at, case)| {
                    let is_excluded = |(other, case): (usize, &Node<'a>)| other == at || self.excluded(written, *case);
                    self.covers(written, *case) && cases.iter().enumerate().all(is_excluded)
                })
            }
            "not" => self.excluded(written, argument),
            "if" => {
                let then = read.get("then").is_none_or(|then| self.covers(&written.and(argument), then));
                let otherwise = || read.get("else").is_none_or(|other| self.covers(written, other));
                (then || self.excluded(written, argument)) && (self.covers(written, argument) || otherwise())
            }
            "type" | "enum" | "const" => {
                if keyword == "type" && self.types(written).within(Types::named(argument.schema)) {
                    return true;
                }
                self.listed(written).is_some_and(|values| {
                    let fitting = Fitting { whole: read.whole, expressions: self.expressions };
                    let alone = |value: &Value| fitting.fits_keyword(read.schema, keyword, argument.schema, value);
                    values.iter().all(|value| self.excludes(written, value) || alone(value) == Some(true))
                })
            }
            _ => {
                let types = self.types(written);
                let (concerned, is_implied): (Types, &dyn Fn() -> bool) = match keyword {
                    "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                        (Types::NUMBER, &|| self.implies_number(written, keyword, argument.schema, types))
                    }
                    "minLength" | "maxLength" | "pattern" => {
                        (Types::STRING, &|| self.implies_text(written, keyword, argument.schema))
                    }
                    "items" | "prefixItems" | "contains" | "minItems" | "maxItems" | "uniqueItems"
                    | "unevaluatedItems" => (Types::ARRAY, &|| self.implies_items(written, read, keyword, argument)),
                    _ => (Types::OBJECT, &|| self.implies_fields(written, read, keyword, argument)),
                };
                !types.meets(concerned) || is_implied()
            }
        }
    }

    /// Whether one of several accepts all; a `not` among them leaves the others only what it refuses.
    fn one_covers(&self, written: &Conjunction<'a>, cases: &[Node<'a>]) -> bool {
        if cases.iter().any(|case| self.covers(written, *case)) {
            return true;
        }
        let opposite = |case: &Node<'a>| {
            let map = case.resolved().map()?;
            if map.len() == 1 { case.resolved().get("not") } else { None }
        };
        cases.iter().enumerate().any(|(at, case)| {
            opposite(case).is_some_and(|opposite| {
                let narrower = written.and(opposite);
                cases.iter().enumerate().any(|(other, case)| other != at && self.covers(&narrower, *case))
            })
        })
    }

    /// Whether the value can't be written.
    pub(super) fn excludes(&self, written: &Conjunction<'a>, value: &Value) -> bool {
        written.is_false
            || written.parts.iter().any(|part| {
                Fitting { whole: part.whole, expressions: self.expressions }.fits(part.schema, value) == Some(false)
            })
    }

    /// A field or an item of what is written, and what the reader asks of it.
    pub(super) fn covers_inner(&self, written: &Conjunction<'a>, read: Node<'a>) -> bool {
        self.deep.set(self.deep.get() + 1);
        let is_proved = self.covers(written, read);
        self.deep.set(self.deep.get() - 1);
        is_proved
    }

    /// An expression's machine, made once.
    pub(super) fn machine(&self, pattern: &str) -> Option<Rc<Machine>> {
        let mut machines = self.machines.borrow_mut();
        machines.entry(pattern.to_owned()).or_insert_with(|| Machine::of(pattern).map(Rc::new)).clone()
    }

    /// Takes a step; none is left if this is `false`.
    pub(super) fn step(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0 && self.nested.get() <= NESTED
    }

    pub(super) fn nested<T>(&self, work: impl FnOnce() -> T) -> T {
        self.nested.set(self.nested.get() + 1);
        let done = work();
        self.nested.set(self.nested.get() - 1);
        done
    }
}
