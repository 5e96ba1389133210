//! Compares schemas, each pair of them once.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::annotated::Annotated;
use super::crossing::{Crossing, Hit, Party};
use super::texts;
use super::verdict::{Blind, Break, Verdict};
use crate::contract::json_schema::{Broken, Inclusion, inclusion};
use crate::contract::openapi::read::{Contract, Node};
use crate::contract::openapi::rules::{null_for_absent, schema_unsaid};
use crate::contract::openapi::schema::{Mode, Reading, Role, SchemaId, Schemas};
use crate::contract::{Comparison, Counterexample, Position, Terms, Unknown};
use crate::model::{Pair, Severity, Side};

/// Compares schemas, and remembers.
pub(super) struct Judge<'a> {
    schemas: Pair<Schemas<'a>>,
    terms: &'a Terms,
    known: HashMap<(Side, SchemaId, SchemaId, bool), Rc<Verdict>>,
    annotated: Annotated<'a>,
    /// Pairs of schemas that differ and were compared.
    compared: usize,
}

/// Pairs of schemas that differ and may be compared: some thousand operations that all have changed, and a minute or two.
const PAIRS: usize = 1_500;

/// Two schemas that meet at a place.
pub(super) struct Judged<'j, 'p, 'a> {
    /// Who writes, by which schema, and what stands around it.
    pub(super) writer: (&'j Party<'p, 'a>, Option<&'j Node<'a>>, &'j Node<'a>),
    /// Who reads.
    pub(super) reader: (&'j Party<'p, 'a>, Option<&'j Node<'a>>, &'j Node<'a>),
    /// `request`, `query limit`.
    pub(super) at: String,
    pub(super) mode: Mode,
    /// Whether everything goes as text: `1` and `"1"` are the same.
    pub(super) is_text: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(contracts: Pair<&'a Contract>, terms: &'a Terms) -> Self {
        Self {
            schemas: contracts.map(Schemas::of),
            terms,
            known: HashMap::new(),
            compared: 0,
            annotated: Annotated::new(contracts),
        }
    }

    /// Whether a schema allows nothing but single values: texts, numbers, truths.
    pub(super) fn is_single(&mut self, side: Side, schema: Option<&Node<'a>>) -> bool {
        schema.is_none_or(|schema| texts::is_single(&self.read(side, schema)))
    }

    /// Whether a schema refuses no text at all.
    pub(super) fn takes_any_text(&mut self, side: Side, schema: Option<&Node<'a>>) -> bool {
        schema.is_none_or(|schema| texts::takes_any(&self.read(side, schema)))
    }

    fn read(&mut self, side: Side, schema: &Node<'a>) -> Value {
        let reading = Reading { mode: Mode::Request, role: Role::Reader, is_named: false };
        let schemas = self.schemas.get_mut(side);
        let id = schemas.get(schema, reading);
        schemas.bundle(id)
    }

    /// Compares two schemas and tells what comes of it.
    pub(super) fn compare(
        &mut self,
        crossing: &Crossing<'_, 'a>,
        judged: &Judged<'_, '_, 'a>,
        comparison: &mut Comparison,
    ) {
        let (writer, written, around_written) = judged.writer;
        let (reader, read, around_read) = judged.reader;
        let Some(read) = read else { return };
        let Some(written) = written else {
            let positions = (writer.position(around_written), reader.position(around_read));
            let hit = schema_unsaid::check(writer, reader, read, &judged.at);
            let (caller, answerer) = ordered(judged, positions.0, positions.1);
            comparison.differences.extend(hit.map(|hit| crossing.tell(Hit { caller, answerer, ..hit })));
            return;
        };
        let verdict = self.verdict(judged, written, read);
        for broken in &verdict.breaks {
            let (caller, answerer) = ordered(judged, broken.writer.clone(), broken.reader.clone());
            let (rule, severity) = if judged.mode == Mode::Reply && broken.is_null_for_absent {
                (&null_for_absent::RULE, Severity::Risk)
            } else {
                (broken.rule, Severity::Breaking)
            };
            comparison.differences.push(crossing.tell(Hit {
                rule,
                severity,
                at: place(&judged.at, &broken.at),
                message: format!("{} may write what {} can't take: {}", writer.name(), reader.name(), broken.refusal),
                caller,
                answerer,
                counterexample: Some(Counterexample {
                    written: broken.written.clone(),
                    bytes: None,
                    read: Value::String(broken.refusal.clone()),
                }),
            }));
        }
        for noted in self.annotated.of(writer.side, judged.mode, written, read).iter() {
            let (caller, answerer) = ordered(judged, noted.writer.clone(), noted.reader.clone());
            comparison.differences.push(crossing.tell(Hit {
                rule: noted.rule,
                severity: noted.severity,
                at: place(&judged.at, &noted.at),
                message: noted.message.replace("{writer}", &writer.name()).replace("{reader}", &reader.name()),
                caller,
                answerer,
                counterexample: None,
            }));
        }
        if let Some(blind) = &verdict.unknown {
            let (caller, answerer) = ordered(judged, blind.writer.clone(), blind.reader.clone());
            let place = crossing.place(&judged.at, caller, answerer);
            comparison.unknown.push(Unknown { place, why: blind.why.clone() });
        }
    }

    fn verdict(&mut self, judged: &Judged<'_, '_, 'a>, written: &Node<'a>, read: &Node<'a>) -> Rc<Verdict> {
        let side = judged.writer.0.side;
        let plain = Reading { mode: judged.mode, role: Role::Writer, is_named: false };
        let writer = self.schemas.get_mut(side).get(written, plain);
        let reader = self.schemas.get_mut(side.other()).get(read, plain);
        let key = (side, writer, reader, judged.is_text);
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let mut verdict = Verdict::default();
        let is_same = self.schemas.get(side).is_same(writer, self.schemas.get(side.other()), reader);
        // Where both go by the same discriminators, their names count; where one has none, they are only noted.
        let discriminators = self.schemas.get(side).discriminators(writer);
        let is_named = !discriminators.is_empty()
            && discriminators == self.schemas.get(side.other()).discriminators(reader)
            && !self.is_alike(judged, written, read);
        if !is_same || is_named {
            let reading = |role| Reading { mode: judged.mode, role, is_named };
            let writer = self.schemas.get_mut(side).get(written, reading(Role::Writer));
            let reader = self.schemas.get_mut(side.other()).get(read, reading(Role::Reader));
            self.compared += 1;
            if self.compared > PAIRS {
                verdict.unknown = Some(Blind {
                    why: format!("more than {PAIRS} pairs of schemas differ: compare these contracts in parts"),
                    writer: self.schemas.get(side).origin(writer, ""),
                    reader: self.schemas.get(side.other()).origin(reader, ""),
                });
            } else {
                self.include(&mut verdict, judged, writer, reader);
            }
        }
        let verdict = Rc::new(verdict);
        self.known.insert(key, Rc::clone(&verdict));
        verdict
    }

    /// Whether two schemas are the same with the names of their discriminators' branches.
    fn is_alike(&mut self, judged: &Judged<'_, '_, 'a>, written: &Node<'a>, read: &Node<'a>) -> bool {
        let side = judged.writer.0.side;
        let named = Reading { mode: judged.mode, role: Role::Writer, is_named: true };
        let writer = self.schemas.get_mut(side).get(written, named);
        let reader = self.schemas.get_mut(side.other()).get(read, named);
        self.schemas.get(side).is_same(writer, self.schemas.get(side.other()), reader)
    }

    fn include(&self, verdict: &mut Verdict, judged: &Judged<'_, '_, 'a>, writer: SchemaId, reader: SchemaId) {
        let (writers, readers) = (self.schemas.get(judged.writer.0.side), self.schemas.get(judged.reader.0.side));
        let first = |troubles: Vec<_>| troubles.into_iter().next();
        let (own, other) = (first(writers.troubles(writer)), first(readers.troubles(reader)));
        if own.is_some() || other.is_some() {
            let whys: Vec<String> = own.iter().chain(&other).map(ToString::to_string).collect();
            let position =
                |trouble: Option<crate::contract::openapi::read::Trouble>| trouble.and_then(|trouble| trouble.at);
            verdict.unknown = Some(Blind { why: whys.join("; "), writer: position(own), reader: position(other) });
            return;
        }
        let (mut written, mut read) = (writers.bundle(writer), readers.bundle(reader));
        if judged.is_text {
            (written, read) = texts::as_text(written, read);
        }
        let origins =
            |broken: &Broken| (writers.origin(writer, &broken.writer), readers.origin(reader, &broken.reader));
        match inclusion(&written, &read, self.terms) {
            Inclusion::Holds => {}
            Inclusion::Unknown(why) => {
                verdict.unknown =
                    Some(Blind { why, writer: writers.origin(writer, ""), reader: readers.origin(reader, "") });
            }
            Inclusion::Breaks(all) => {
                for broken in all {
                    let (writer, reader) = origins(&broken);
                    match judged.is_text.then(|| texts::second_look(&broken.written, &read, self.terms)).flatten() {
                        Some(Inclusion::Holds) => continue,
                        Some(Inclusion::Unknown(why)) => {
                            verdict.unknown = Some(Blind { why, writer, reader });
                            continue;
                        }
                        Some(Inclusion::Breaks(_)) | None => {}
                    }
                    verdict.breaks.push(Break {
                        rule: broken.rule,
                        at: broken.at.clone(),
                        is_null_for_absent: null_for_absent::check(&broken, &written, &read),
                        written: broken.written,
                        refusal: broken.refusal,
                        writer,
                        reader,
                    });
                }
            }
        }
    }
}

/// Positions of writer and reader as those of caller and answerer.
fn ordered(
    judged: &Judged<'_, '_, '_>,
    writer: Option<Position>,
    reader: Option<Position>,
) -> (Option<Position>, Option<Position>) {
    match judged.mode {
        Mode::Request => (writer, reader),
        Mode::Reply => (reader, writer),
    }
}

/// `request $.id`, and just `query limit` where all of it is meant.
fn place(at: &str, within: &str) -> String {
    match (at, within) {
        ("request", _) => format!("{at} {within}"),
        (_, "$") if !at.starts_with("reply ") || at.contains(" header ") => at.to_owned(),
        _ => format!("{at} {within}"),
    }
}
