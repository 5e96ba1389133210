//! Runs a replay: each recording in each of its directions, then the trials of what it found.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::cells::{Cells, MIXED};
use super::confirm::{RUNS, Trials};
use super::ledger::Ledger;
use super::needs::needed;
use super::outcome::verdicts;
use super::pass::{Chosen, Pass, Selection, Turn, Visit, Whose};
use super::processes;
use super::tally::{Chapter, Key, ProcessCandidate, Tally};
use super::watch::Watch;
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::compare::judge;
use crate::drive::{Lane, Lanes};
use crate::fleet::{Arrangement, Member, Server, Standing, Stores};
use crate::manifest::RecordingSpec;
use crate::model::{Direction, Event};
use crate::traffic::{Recording, TrafficError};
use crate::wire::Limits;

/// A replay under way.
pub(super) struct Run<'a> {
    job: &'a Job<'a>,
    tally: Tally,
    /// What stands already, so that it is told once.
    told: BTreeSet<Key>,
}

/// One recording in one direction.
struct Leg<'a> {
    number: usize,
    spec: &'a RecordingSpec,
    recording: &'a Recording,
    direction: Direction,
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
        let cells = Cells::new(self.job.manifest, &spec.service, recording, &spec.name, direction);
        let (mut ledger, mut trials) = (Ledger::default(), Trials::default());
        let selection = self.selection(leg)?;
        // What was written down stands, even where the pass could not go on.
        let passed = {
            let (ledger, trials, events, selection) = (&mut ledger, &mut trials, self.job.events, &selection);
            let mut visit = |turn: Turn<'_>| {
                let visited = match turn {
                    Turn::Visited(visited) if selection.is_of(&visited.exchange) => visited,
                    Turn::Unsent(exchange, why) if selection.is_of(exchange) => {
                        return ledger.note_unsent(exchange, why);
                    }
                    _ => return,
                };
                let judgement = judge(&cells.trial(visited, MIXED, Vec::new(), Vec::new()));
                ledger.note(&visited.subject, &judgement);
                trials.add(&cells, visited, judgement.found);
                events(Event::Exchanged);
            };
            self.job.pass(leg, selection.clone(), &mut visit).await
        };
        let mut chapter = Chapter {
            number,
            recording: spec.name.clone(),
            digest: recording.digest.clone(),
            direction,
            withheld: withheld(spec, recording),
            ledger,
            control: None,
            known_logs: BTreeSet::new(),
            candidates: Vec::new(),
            processes: Vec::new(),
            cut: None,
        };
        let tried = match passed {
            Ok(ended) => {
                chapter.control = ended.control_trouble;
                chapter.known_logs = ended.known_logs;
                chapter.processes = ended.found;
                chapter.processes.sort_by(|a, b| a.order().cmp(&b.order()));
                self.confirm(leg, selection, &cells, trials, &mut chapter).await
            }
            Err(error) => Err(error),
        };
        self.tell(&chapter);
        self.tally.chapters.push(chapter);
        tried
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

/// What of a recording is not sent, since it has placeholders where redaction took secrets out.
pub(super) fn withheld(spec: &RecordingSpec, recording: &Recording) -> Option<String> {
    match recording.withheld() {
        0 => None,
        1 => Some(format!("{}: 1 session needs secrets, which this release does not fill", spec.name)),
        n => Some(format!("{}: {n} sessions need secrets, which this release does not fill", spec.name)),
    }
}

/// How the processes did in a pass.
#[derive(Debug, Default)]
struct Ended {
    found: Vec<ProcessCandidate>,
    control_trouble: Option<String>,
    known_logs: BTreeSet<(String, String)>,
}

impl Job<'_> {
    /// Stands a fresh arrangement up, sends what is selected through it, and takes it down.
    async fn pass(&self, leg: &Leg<'_>, selection: Selection, visit: &mut Visit<'_>) -> Result<Ended, CheckError> {
        let Leg { spec, recording, direction, .. } = *leg;
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
            known_logs: of_each.iter().flat_map(|(name, servers)| processes::known(name, servers, direction)).collect(),
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
