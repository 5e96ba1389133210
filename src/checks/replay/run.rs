//! Runs a replay: each recording in each of its directions, then the trials of what it found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::NAME;
use super::cells::{Cells, MIXED};
use super::confirm::{RUNS, Trials, but};
use super::ledger::{Candidate, Key, Ledger, not_sent};
use super::pass::{Chosen, Pass, Selection, Turn, Visit};
use super::processes::{self, ProcessFound};
use super::watch::Watch;
use crate::checks::seam::{CheckError, Deadline, Job, Outcome, Shown};
use crate::compare::judge;
use crate::drive::{Lane, Lanes};
use crate::fleet::{Arrangement, Member, Server, Standing, Stores};
use crate::manifest::RecordingSpec;
use crate::model::{
    CheckFacts, Direction, Event, Evidence, Finding, Pair, Replay, Severity, Side, Status, Unstable, fingerprint,
};
use crate::traffic::Recording;
use crate::wire::Limits;

/// A replay under way.
pub(super) struct Run<'a> {
    job: &'a Job<'a>,
    ledger: Ledger,
    /// What stands, each finding once over all recordings.
    standing: BTreeMap<Key, (Candidate, Evidence)>,
    unstable: Vec<Unstable>,
    controls: Pair<Option<String>>,
    /// Recordings of which nothing was faithful.
    strangers: Vec<String>,
    /// What reading the recordings gave a person to know.
    notes: Vec<String>,
    /// What could not be sent, by direction.
    withheld: Vec<(Direction, String)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(job: &'a Job<'a>) -> Self {
        Self {
            job,
            ledger: Ledger::default(),
            standing: BTreeMap::new(),
            unstable: Vec::new(),
            controls: Pair::default(),
            strangers: Vec::new(),
            notes: Vec::new(),
            withheld: Vec::new(),
        }
    }

    /// All recordings, one after the other. What ends this early takes nothing from what stands already.
    pub(super) async fn all(mut self) -> Outcome {
        let trouble = self.recordings().await.err();
        Outcome { trouble, ..self.outcome() }
    }

    async fn recordings(&mut self) -> Result<(), CheckError> {
        for (spec, recording) in self.job.manifest.recordings.iter().zip(&self.job.part.recordings) {
            for note in recording.notes() {
                let note = format!("{}: {note}", spec.name);
                if !self.notes.contains(&note) {
                    self.notes.push(note);
                }
            }
            for &direction in spec.client.directions() {
                if self.job.only.as_ref().is_none_or(|only| only.takes(&spec.name, direction)) {
                    self.one(spec, recording, direction).await?;
                }
            }
        }
        Ok(())
    }

    /// One recording in one direction, and the trials of what it found.
    async fn one(
        &mut self,
        spec: &RecordingSpec,
        recording: &Recording,
        direction: Direction,
    ) -> Result<(), CheckError> {
        let exchanges = recording.count()?;
        self.withheld.extend(withheld(spec, recording).map(|gap| (direction, gap)));
        (self.job.events)(Event::Replaying { recording: spec.name.clone(), direction, exchanges });
        let cells = Cells::new(self.job.manifest, &spec.service, recording, &spec.name, direction);
        let faithful_before = self.ledger.faithful;
        let held_before = self.ledger.held;
        let mut trials = Trials::default();
        let selection = match self.job.only.as_ref().and_then(|only| only.session) {
            Some(session) => Selection::Sessions(BTreeSet::from([session])),
            None => Selection::All,
        };
        let processes = {
            let (ledger, trials, events) = (&mut self.ledger, &mut trials, self.job.events);
            let mut visit = |turn: Turn<'_>| {
                let visited = match turn {
                    Turn::Visited(visited) => visited,
                    Turn::Unsent(exchange, why) => return ledger.note_unsent(exchange, direction, why),
                };
                let judgement = judge(&cells.trial(visited, MIXED, Vec::new(), Vec::new()));
                ledger.note(&visited.subject, direction, &judgement);
                trials.add(&cells, visited, judgement.found);
                events(Event::Exchanged);
            };
            self.job.pass(spec, recording, direction, selection, &mut visit).await?
        };
        if self.ledger.held > held_before && self.ledger.faithful == faithful_before {
            self.strangers.push(spec.name.clone());
        }
        if let Some(trouble) = &processes.control_trouble {
            *self.controls.get_mut(direction.from) = Some(trouble.clone());
        }
        self.confirm(spec, recording, &cells, trials, processes.found).await
    }

    /// Runs the candidates' sessions again on fresh copies, and takes over what stands.
    async fn confirm(
        &mut self,
        spec: &RecordingSpec,
        recording: &Recording,
        cells: &Cells<'_>,
        mut trials: Trials,
        processes: Vec<ProcessFound>,
    ) -> Result<(), CheckError> {
        if trials.len() + processes.len() == 0 {
            return Ok(());
        }
        (self.job.events)(Event::Confirming { candidates: trials.len() + processes.len() });
        let mut seen = vec![0_u32; processes.len()];
        let mut cut = None;
        for _ in 0..RUNS {
            // What ends a process may be any call: then all of them go out again.
            let selection = if processes.is_empty() { Selection::Sessions(trials.sessions()) } else { Selection::All };
            let direction = cells.direction;
            let ended = {
                let (trials, cut) = (&mut trials, &mut cut);
                let mut visit = |turn: Turn<'_>| match turn {
                    Turn::Visited(visited) => trials.again(cells, visited),
                    Turn::Unsent(_, why) => *cut = Some(why.to_owned()),
                };
                self.job.pass(spec, recording, direction, selection, &mut visit).await?
            };
            for (count, process) in seen.iter_mut().zip(&processes) {
                *count += u32::from(ended.found.iter().any(|found| {
                    found.rule == process.rule && found.service == process.service && found.at == process.at
                }));
            }
        }
        let verdicts = trials.end(cut.as_deref());
        self.unstable.extend(verdicts.unstable);
        for (key, candidate, evidence) in verdicts.standing {
            self.stand(key, candidate, evidence);
        }
        for (process, seen) in processes.into_iter().zip(seen) {
            self.process(spec, cells, process, seen, cut.as_deref());
        }
        Ok(())
    }

    /// A finding stands; the same one from another recording only counts.
    fn stand(&mut self, key: Key, candidate: Candidate, evidence: Evidence) {
        if let Some((known, _)) = self.standing.get_mut(&key) {
            known.count += candidate.count;
            known.severity = known.severity.max(candidate.severity);
            return;
        }
        (self.job.events)(Event::Found {
            severity: candidate.severity,
            rule: key.rule.to_owned(),
            subject: key.subject.clone(),
            direction: key.direction,
            at: key.at.clone(),
        });
        self.standing.insert(key, (candidate, evidence));
    }

    fn process(
        &mut self,
        spec: &RecordingSpec,
        cells: &Cells<'_>,
        process: ProcessFound,
        seen: u32,
        cut: Option<&str>,
    ) {
        let key = Key {
            subject: format!("process {}", process.service),
            direction: cells.direction,
            rule: process.rule.id,
            at: process.at,
        };
        if seen < RUNS {
            self.unstable.push(Unstable {
                rule: key.rule.to_owned(),
                subject: key.subject,
                direction: key.direction,
                at: key.at,
                severity: process.severity,
                reason: but(&format!("seen in {seen} of {RUNS} further runs"), cut),
            });
            return;
        }
        let replay =
            Replay { recording: spec.name.clone(), digest: cells.recording.digest.clone(), session: 0, exchange: 0 };
        let candidate =
            Candidate { severity: process.severity, message: process.message, count: 1, shown: vec![replay] };
        let expected = serde_json::Value::from("a process that goes on in silence");
        let evidence = Evidence { expected, ..Evidence::default() };
        self.stand(key, candidate, evidence);
    }

    fn outcome(self) -> Outcome {
        let mut worst = BTreeMap::<(String, Direction), Severity>::new();
        for (key, (candidate, _)) in &self.standing {
            let entry = worst.entry((key.subject.clone(), key.direction)).or_insert(candidate.severity);
            *entry = (*entry).max(candidate.severity);
        }
        let mut outcome = Outcome { facts: Some(self.facts()), ..Outcome::default() };
        // A cell whose only candidates came and went is not fine: nothing can be said of it.
        let doubtful = self.unstable.iter().filter(|unstable| unstable.severity > Severity::Info);
        let unsure: BTreeSet<(&str, Direction)> =
            doubtful.map(|unstable| (unstable.subject.as_str(), unstable.direction)).collect();
        outcome.matrix = self.ledger.matrix(&worst, &unsure);
        outcome.coverage = self.ledger.coverage();
        outcome.shown = [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD].map(|direction| self.shown(direction)).into();
        outcome.notes.clone_from(&self.notes);
        if self.ledger.held > 0 && self.ledger.faithful == 0 {
            outcome.notes.push(
                "nothing that was recorded is answered as it was recorded: the seed doesn't match the recording, or the recording is of another service; seed the store with what it held when the recording was made".to_owned(),
            );
        } else {
            for name in &self.strangers {
                outcome.notes.push(format!("{name}: no exchange is answered as it was recorded; check its seed, and whether it is of this service"));
            }
        }
        if self.ledger.unrecorded > 0 {
            outcome.notes.push(format!(
                "fidelity unknown for {} exchanges that were recorded without replies",
                self.ledger.unrecorded
            ));
        }
        for (why, count) in self.ledger.cuts() {
            outcome.notes.push(format!("{why}: {}", not_sent(count)));
        }
        outcome.unstable = self.unstable;
        outcome.findings =
            self.standing.into_iter().map(|(key, (candidate, evidence))| finding(key, candidate, evidence)).collect();
        outcome
    }

    fn shown(&self, direction: Direction) -> Shown {
        let mut gaps = self.ledger.gaps(direction);
        gaps.extend(self.withheld.iter().filter(|(only, _)| *only == direction).map(|(_, gap)| gap.clone()));
        let mut specs = self.job.manifest.recordings.iter();
        if !specs.any(|spec| spec.client.directions().contains(&direction)) {
            gaps.push(format!("no recording of {} clients ({direction})", direction.from));
        } else if gaps.is_empty() && !self.ledger.tried(direction) {
            gaps.push(format!("no exchange of {} clients was replayed ({direction})", direction.from));
        }
        if let Some(trouble) = self.controls.get(direction.from) {
            gaps.push(format!("the {} build with its own clients {trouble}", direction.from));
        }
        Shown { direction, something: self.ledger.something(direction), gaps }
    }

    fn facts(&self) -> CheckFacts {
        let control = |side: Side| match (self.controls.get(side), self.ledger.troubles.get(&side)) {
            (Some(trouble), _) => trouble.clone(),
            (None, Some(troubles)) => troubles.iter().next().cloned().unwrap_or_default(),
            (None, None) if self.ledger.sent(Direction::mixed_from(side)) => "healthy".to_owned(),
            (None, None) => "unshown".to_owned(),
        };
        CheckFacts {
            name: NAME.to_owned(),
            status: Status::Ran,
            reason: None,
            observations: self.ledger.observations,
            faithful: share(self.ledger.faithful, self.ledger.held),
            compared: share(self.ledger.compared, self.ledger.leaves),
            assets: self.ledger.assets,
            controls: Pair::new(control(Side::Old), control(Side::New)),
        }
    }
}

/// What of a recording is not sent, since it has placeholders where redaction took secrets out.
pub(super) fn withheld(spec: &RecordingSpec, recording: &Recording) -> Option<String> {
    match recording.withheld() {
        0 => None,
        1 => Some(format!("{}: 1 session needs secrets, which this release does not fill", spec.name)),
        n => Some(format!("{}: {n} sessions need secrets, which this release does not fill", spec.name)),
    }
}

/// A share in hundredths, rounded down: what is shown is never more than what was.
fn share(part: u64, whole: u64) -> Option<f64> {
    if whole == 0 {
        return None;
    }
    let hundredths = u32::try_from(u128::from(part) * 100 / u128::from(whole)).unwrap_or(100);
    Some(f64::from(hundredths) / 100.0)
}

fn finding(key: Key, candidate: Candidate, evidence: Evidence) -> Finding {
    let id = fingerprint(key.rule, &key.subject, key.direction, &key.at);
    Finding {
        id,
        rule: key.rule.to_owned(),
        check: NAME.to_owned(),
        severity: candidate.severity,
        subject: key.subject,
        direction: key.direction,
        at: key.at,
        count: candidate.count,
        breaks: key.direction.breaks().to_vec(),
        message: candidate.message,
        evidence,
        replay: candidate.shown.into_iter().next(),
        reproduce: String::new(),
        accepted: None,
    }
}

/// How the processes did in a pass.
#[derive(Debug, Default)]
struct Ended {
    found: Vec<ProcessFound>,
    control_trouble: Option<String>,
}

impl Job<'_> {
    /// Stands a fresh arrangement up, sends what is selected through it, and takes it down.
    async fn pass(
        &self,
        spec: &RecordingSpec,
        recording: &Recording,
        direction: Direction,
        selection: Selection,
        visit: &mut Visit<'_>,
    ) -> Result<Ended, CheckError> {
        let chosen = Chosen { manifest: self.manifest, service: &spec.service, recording, selection };
        if let Some(why) = self.deadline.as_ref().and_then(Deadline::passed) {
            chosen.none(&why, visit)?;
            return Ok(Ended::default());
        }
        let (from, to) = (direction.from, direction.to);
        let members = vec![Member::of(from), Member::twin_of(from), Member::of(to), Member::twin_of(to)];
        let arrangement = Arrangement { members, stores: Stores::Own };
        let standing = self.bench.stand_up(&arrangement).await?;
        let servers = servers(&standing, &arrangement, &spec.service);
        let lanes = Arc::new(Lanes {
            lanes: servers.iter().enumerate().filter_map(|(lane, server)| self.lane(lane, server)).collect(),
            protocol: Arc::clone(&self.protocol),
            limits: Limits { timeout: self.manifest.replay.timeout, ..Limits::default() },
            settle: self.manifest.replay.settle,
            force_bindings: self.force_bindings,
        });
        let watch = Watch { standing: &standing, servers: &servers, deadline: self.deadline };
        Pass { chosen, lanes, jobs: self.jobs, watch: &watch }.run(visit).await?;
        watch.settled().await;
        // A call may end a process that another service of its cell runs.
        let names = self.manifest.services.iter().map(|service| service.name.as_str());
        let of_each: Vec<_> = names.map(|name| (name, self::servers(&standing, &arrangement, name))).collect();
        let ended = Ended {
            found: of_each.iter().flat_map(|(name, servers)| processes::look(name, servers, direction)).collect(),
            control_trouble: of_each.iter().find_map(|(_, servers)| processes::control_trouble(servers)),
        };
        for server in &servers {
            server.endpoints.iter().for_each(|(_, endpoint)| self.protocol.hang_up(endpoint));
        }
        standing.take_down().await?;
        Ok(ended)
    }

    fn lane(&self, lane: usize, server: &Server) -> Option<Lane> {
        let service = self.manifest.services.iter().find(|service| service.name == server.service)?;
        Some(Lane {
            name: server.name.clone(),
            endpoint: server.endpoint()?.clone(),
            identity: server.identity.needles().to_vec(),
            // A server that straddle can't start a second time is its own twin: the lane before it.
            shares: (server.shared_instance && server.twin).then(|| lane.saturating_sub(1)),
            writes: !server.shared_instance || service.builds.get(server.side).writes,
        })
    }
}

/// The servers of one service, in the order of the arrangement's members.
fn servers<'s>(standing: &'s Standing, arrangement: &Arrangement, service: &str) -> Vec<&'s Server> {
    arrangement.members.iter().filter_map(|member| standing.server(&member.name, service)).collect()
}
