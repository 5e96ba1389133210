//! Runs recordings: each in each of its directions, then the trials of what it found.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::cells::{CONTROL, Cells, MIXED};
use super::confirm::Trials;
use super::ledger::Ledger;
use super::needs::needed;
use super::outcome::{Standing, verdicts};
use super::pass::{Selection, Turn, Whose};
use super::tally::{Chapter, Tally};
use super::withheld::withheld;
use crate::checks::concluding::{Key, RUNS};
use crate::checks::seam::{CheckError, Job};
use crate::compare::{self, judge};
use crate::manifest::{ContractKind, ContractSpec, RecordingSpec};
use crate::model::{Answer, Direction, Event, Observation};
use crate::traffic::{Recording, TrafficError};

/// Recordings under way.
pub(in crate::checks) struct Run<'a> {
    job: &'a Job<'a>,
    tally: Tally,
    /// What stands already, so that it is told once.
    told: BTreeSet<Key>,
}

/// By the number of an exchange the surface that its call is of, where whoever made the recording knows.
pub(in crate::checks) type Surfaces = BTreeMap<u64, String>;

/// A recording, and whose it is.
#[derive(Clone, Copy)]
pub(in crate::checks) struct Recorded<'a> {
    pub(in crate::checks) spec: &'a RecordingSpec,
    pub(in crate::checks) recording: &'a Recording,
    /// None: calls tell their surfaces themselves.
    pub(in crate::checks) surfaces: Option<&'a Surfaces>,
}

/// One recording in one direction.
pub(super) struct Leg<'a> {
    number: usize,
    pub(super) recorded: Recorded<'a>,
    pub(super) direction: Direction,
    /// What unsafe calls need; read when it is asked for.
    needed: Option<Arc<HashSet<u64>>>,
}

impl<'a> Run<'a> {
    pub(in crate::checks) fn new(job: &'a Job<'a>) -> Self {
        Self { job, tally: Tally::default(), told: BTreeSet::new() }
    }

    /// Says that there is something for these directions, whether or not it is sent.
    pub(in crate::checks) fn expect(&mut self, directions: &[Direction]) {
        for direction in directions {
            if !self.tally.recorded.contains(direction) {
                self.tally.recorded.push(*direction);
            }
        }
        self.tally.recorded.sort_unstable();
    }

    /// Says what a person must know, each once.
    pub(in crate::checks) fn note(&mut self, notes: impl IntoIterator<Item = String>) {
        for note in notes {
            if !self.tally.notes.contains(&note) {
                self.tally.notes.push(note);
            }
        }
    }

    /// What was written down, in the order of the recordings' numbers: of those that show the same the first speaks.
    pub(in crate::checks) fn end(mut self) -> Tally {
        self.tally.chapters.sort_by_key(|chapter| (chapter.number, chapter.direction));
        self.tally
    }

    /// What stands so far.
    pub(in crate::checks) fn standing(&self) -> Vec<Standing> {
        self.tally.chapters.iter().flat_map(|chapter| verdicts(chapter).standing).collect()
    }

    /// The sessions of a recording whose last calls show that, in one pass and without further ones.
    pub(in crate::checks) async fn showing(
        &self,
        recorded: &Recorded<'_>,
        key: &Key,
    ) -> Result<BTreeSet<u64>, CheckError> {
        let Recorded { spec, recording, .. } = *recorded;
        let leg = Leg { number: 0, recorded: *recorded, direction: key.direction, needed: None };
        let cells = Cells::new(self.job, &spec.service, recording, &spec.name, key.direction);
        let mut shown = BTreeSet::new();
        let mut visit = |turn: Turn<'_>| {
            if let Turn::Visited(visited) = turn
                && visited.exchange.last
            {
                let judgement = judge(&cells.trial(visited, MIXED, Vec::new(), Vec::new()));
                if judgement.found.iter().any(|found| cells.key(&visited.subject, found) == *key) {
                    shown.insert(visited.exchange.session);
                }
            }
        };
        self.job.pass(&leg, Selection::All, &mut visit).await?;
        Ok(shown)
    }

    /// Takes a recording through the cells, in each of its directions.
    pub(in crate::checks) async fn take(&mut self, recorded: &Recorded<'_>, number: usize) -> Result<(), CheckError> {
        let spec = recorded.spec;
        let mut leg = Leg { number, recorded: *recorded, direction: Direction::OLD_TO_NEW, needed: None };
        for &direction in spec.client.directions() {
            if self.job.only.as_ref().is_none_or(|only| only.takes(&spec.name, direction)) {
                leg.direction = direction;
                self.one(&mut leg).await?;
            }
        }
        Ok(())
    }

    /// One recording in one direction, and the trials of what it found.
    async fn one(&mut self, leg: &mut Leg<'_>) -> Result<(), CheckError> {
        let Leg { number, recorded: recorded @ Recorded { spec, recording, .. }, direction, .. } = *leg;
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
                        let surface = recorded.surfaces.and_then(|known| known.get(&exchange.index));
                        return ledger.note_unsent(exchange, surface, why);
                    }
                    _ => return,
                };
                let judgement = judge(&cells.trial(visited, MIXED, Vec::new(), Vec::new()));
                *calls_procedures |= visited.exchange.call.procedure().is_some();
                ledger.counts.downgraded += u64::from(visited.step.downgraded);
                match &judgement.standing {
                    // Of what was made up nobody knows whether it should fail.
                    compare::Standing::Stale(_) if recorded.surfaces.is_some() => {
                        let outcome = visited.step.observations.get(CONTROL).and_then(Observation::answer);
                        ledger.note_refused(&visited.subject, &outcome.map(Answer::outcome).unwrap_or_default());
                    }
                    _ => ledger.note(&visited.subject, &judgement),
                }
                trials.add(&cells, visited, judgement.found);
                events(Event::Exchanged);
            };
            self.job.pass(leg, selection.clone(), &mut visit).await
        };
        if calls_procedures {
            self.note_procedures(&leg.recorded, direction);
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
    fn note_procedures(&mut self, recorded: &Recorded<'_>, direction: Direction) {
        let RecordingSpec { name, service, .. } = recorded.spec;
        let mut notes = Vec::new();
        if recorded.surfaces.is_none() {
            // Whoever makes calls up knows which of their values are whose.
            notes.push(format!("{name}: values within messages of gRPC are sent as they were recorded"));
        }
        if self.job.readings.between(service, direction.from, direction.to).is_none() {
            let is_its_own = |it: &&ContractSpec| it.service == *service && it.kind == ContractKind::Protobuf;
            let how = match self.job.manifest.contracts.iter().find(is_its_own) {
                Some(_) => format!("of the protobuf contract of {service} only what stands at a `path` is read so far"),
                None => format!("a `[[contract]]` of `kind = \"protobuf\"` says how clients of {service} read them"),
            };
            notes.push(format!("{name}: messages of gRPC are compared as bytes: {how}"));
        }
        self.note(notes);
    }

    /// What of a recording is sent, and looked at.
    fn selection(&self, leg: &mut Leg<'_>) -> Result<Selection, TrafficError> {
        let whose = match (self.job.only.as_ref().and_then(|only| only.session), self.job.shard) {
            (Some(session), _) => Whose::Numbered(BTreeSet::from([session])),
            (None, Some(shard)) => Whose::Sharded(shard, leg.recorded.recording.digest.clone()),
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
        let needed = Arc::new(needed(self.recorded.recording)?);
        self.needed = Some(Arc::clone(&needed));
        Ok(needed)
    }
}
