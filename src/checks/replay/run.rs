//! Runs a replay: each recording in each of its directions, then the trials of what it found.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::cells::{Cells, MIXED};
use super::confirm::Trials;
use super::ledger::Ledger;
use super::needs::needed;
use super::outcome::verdicts;
use super::pass::{Selection, Turn, Whose};
use super::tally::{Chapter, Tally};
use super::withheld::withheld;
use crate::checks::concluding::{Key, RUNS};
use crate::checks::seam::{CheckError, Job};
use crate::compare::judge;
use crate::manifest::{ContractKind, ContractSpec, RecordingSpec};
use crate::model::{Direction, Event};
use crate::traffic::{Recording, TrafficError};

/// A replay under way.
pub(super) struct Run<'a> {
    job: &'a Job<'a>,
    tally: Tally,
    /// What stands already, so that it is told once.
    told: BTreeSet<Key>,
}

/// One recording in one direction.
pub(super) struct Leg<'a> {
    number: usize,
    pub(super) spec: &'a RecordingSpec,
    pub(super) recording: &'a Recording,
    pub(super) direction: Direction,
    /// What unsafe calls need; read when it is asked for.
    needed: Option<Arc<HashSet<u64>>>,
}

impl<'a> Run<'a> {
    pub(super) fn new(job: &'a Job<'a>) -> Self {
        let mut tally = Tally::default();
        for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
            if job.manifest.recordings.iter().any(|spec| spec.client.directions().contains(&direction)) {
                tally.recorded.push(direction);
            }
        }
        Self { job, tally, told: BTreeSet::new() }
    }

    /// All recordings, one after the other. What ends this early takes nothing from what was written down by then.
    pub(super) async fn all(mut self) -> (Tally, Option<CheckError>) {
        let trouble = self.recordings().await.err();
        (self.tally, trouble)
    }

    async fn recordings(&mut self) -> Result<(), CheckError> {
        let all = self.job.manifest.recordings.iter().zip(&self.job.part.recordings);
        for (number, (spec, recording)) in all.enumerate() {
            for note in recording.notes() {
                let note = format!("{}: {note}", spec.name);
                if !self.tally.notes.contains(&note) {
                    self.tally.notes.push(note);
                }
            }
            let mut leg = Leg { number, spec, recording, direction: Direction::OLD_TO_NEW, needed: None };
            for &direction in spec.client.directions() {
                if self.job.only.as_ref().is_none_or(|only| only.takes(&spec.name, direction)) {
                    leg.direction = direction;
                    self.one(&mut leg).await?;
                }
            }
        }
        Ok(())
    }

    /// One recording in one direction, and the trials of what it found.
    async fn one(&mut self, leg: &mut Leg<'_>) -> Result<(), CheckError> {
        let Leg { number, spec, recording, direction, .. } = *leg;
        let exchanges = recording.count()?;
        (self.job.events)(Event::Replaying { recording: spec.name.clone(), direction, exchanges });
        let cells = Cells::new(self.job, &spec.service, recording, &spec.name, direction);
        let (mut ledger, mut trials) = (Ledger::default(), Trials::default());
        let selection = self.selection(leg)?;
        let mut calls_procedures = false;
        // What was written down stands, even where the pass could not go on.
        let passed = {
            let (ledger, trials, events, selection) = (&mut ledger, &mut trials, self.job.events, &selection);
            let calls_procedures = &mut calls_procedures;
            let mut visit = |turn: Turn<'_>| {
                let visited = match turn {
                    Turn::Visited(visited) if selection.is_of(&visited.exchange) => visited,
                    Turn::Unsent(exchange, why) if selection.is_of(exchange) => {
                        return ledger.note_unsent(exchange, why);
                    }
                    _ => return,
                };
                let judgement = judge(&cells.trial(visited, MIXED, Vec::new(), Vec::new()));
                *calls_procedures |= visited.exchange.call.procedure().is_some();
                ledger.counts.downgraded += u64::from(visited.step.downgraded);
                ledger.note(&visited.subject, &judgement);
                trials.add(&cells, visited, judgement.found);
                events(Event::Exchanged);
            };
            self.job.pass(leg, selection.clone(), &mut visit).await
        };
        if calls_procedures {
            self.note_procedures(spec, direction);
        }
        let mut chapter = Chapter {
            number,
            recording: spec.name.clone(),
            digest: recording.digest.clone(),
            direction,
            withheld: withheld(self.job.manifest, spec, recording),
            ledger,
            control: None,
            known_logs: BTreeSet::new(),
            halves: BTreeSet::new(),
            candidates: Vec::new(),
            processes: Vec::new(),
            cut: None,
        };
        let tried = match passed {
            Ok(ended) => {
                chapter.control = ended.control_trouble;
                chapter.known_logs = ended.known_logs;
                chapter.halves = ended.halves;
                chapter.processes = ended.found;
                chapter.sort_out_processes();
                self.confirm(leg, selection, &cells, trials, &mut chapter).await
            }
            Err(error) => Err(error),
        };
        self.tell(&chapter);
        self.tally.chapters.push(chapter);
        tried
    }

    /// Says what is not looked into where remote procedures are called.
    fn note_procedures(&mut self, spec: &RecordingSpec, direction: Direction) {
        let RecordingSpec { name, service, .. } = spec;
        let mut notes = vec![format!("{name}: values within messages of gRPC are sent as they were recorded")];
        if self.job.readings.between(service, direction.from, direction.to).is_none() {
            let is_its_own = |it: &&ContractSpec| it.service == *service && it.kind == ContractKind::Protobuf;
            let how = match self.job.manifest.contracts.iter().find(is_its_own) {
                Some(_) => format!("of the protobuf contract of {service} only what stands at a `path` is read so far"),
                None => format!("a `[[contract]]` of `kind = \"protobuf\"` says how clients of {service} read them"),
            };
            notes.push(format!("{name}: messages of gRPC are compared as bytes: {how}"));
        }
        for note in notes {
            if !self.tally.notes.contains(&note) {
                self.tally.notes.push(note);
            }
        }
    }

    /// What of a recording is sent, and looked at.
    fn selection(&self, leg: &mut Leg<'_>) -> Result<Selection, TrafficError> {
        let whose = match (self.job.only.as_ref().and_then(|only| only.session), self.job.shard) {
            (Some(session), _) => Whose::Numbered(BTreeSet::from([session])),
            (None, Some(shard)) => Whose::Sharded(shard, leg.recording.digest.clone()),
            (None, None) => return Ok(Selection::All),
        };
        Ok(Selection::Some { whose, needed: leg.needed()? })
    }

    /// Runs the candidates' sessions again on fresh copies, and writes down how that went.
    async fn confirm(
        &mut self,
        leg: &mut Leg<'_>,
        whole: Selection,
        cells: &Cells<'_>,
        mut trials: Trials,
        chapter: &mut Chapter,
    ) -> Result<(), CheckError> {
        let candidates = trials.len() + chapter.processes.len();
        if candidates == 0 {
            return Ok(());
        }
        (self.job.events)(Event::Confirming { candidates });
        // What ends a process may be any call: then all of them go out again.
        let selection = if chapter.processes.is_empty() {
            Selection::Some { whose: Whose::Numbered(trials.sessions()), needed: leg.needed()? }
        } else {
            whole
        };
        for _ in 0..RUNS {
            let ended = {
                let (trials, cut) = (&mut trials, &mut chapter.cut);
                let mut visit = |turn: Turn<'_>| match turn {
                    Turn::Visited(visited) => trials.again(cells, visited),
                    Turn::Unsent(_, why) => *cut = Some(why.to_owned()),
                };
                self.job.pass(leg, selection.clone(), &mut visit).await?
            };
            for process in &mut chapter.processes {
                process.seen += u32::from(ended.found.iter().any(|found| found.is_same(process)));
            }
        }
        chapter.candidates = trials.end();
        Ok(())
    }

    /// Tells what stands, each once.
    fn tell(&mut self, chapter: &Chapter) {
        for found in verdicts(chapter).standing {
            if self.told.insert(found.key.clone()) {
                (self.job.events)(Event::Found {
                    severity: found.severity,
                    rule: found.key.rule,
                    subject: found.key.subject,
                    direction: found.key.direction,
                    at: found.key.at,
                });
            }
        }
    }
}

impl Leg<'_> {
    fn needed(&mut self) -> Result<Arc<HashSet<u64>>, TrafficError> {
        if let Some(needed) = &self.needed {
            return Ok(Arc::clone(needed));
        }
        let needed = Arc::new(needed(self.recording)?);
        self.needed = Some(Arc::clone(&needed));
        Ok(needed)
    }
}
