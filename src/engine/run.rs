//! Does what the plan says: builds, checks, and the run that comes of it.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use super::answers::Grounds;
use super::{Again, Plan, accept, gate};
use crate::checks::{self, Check, CheckError, Deadline, Job, Only, Outcome as CheckOutcome, Part};
use crate::fleet::{self, Bench, FleetError, RunFolder};
use crate::manifest::Accept;
use crate::model::{
    BuildFacts, CheckFacts, Coverage, Direction, Event, Events, Finding, Mark, MatrixRow, Pair, Run, Side, Status,
    Unstable,
};
use crate::process::{Guardian, ProcessError};
use crate::wire::http::Http;

/// A run and its exit code.
#[derive(Debug)]
pub struct Outcome {
    /// What happened.
    pub run: Run,
    /// The exit code, by the gate and the precedence of codes.
    pub exit: u8,
    /// What kept straddle from doing all of its job. The run has its first line, and whoever watches may want the rest.
    pub trouble: Option<CheckError>,
}

/// The exit code of an interrupted run.
const INTERRUPTED: u8 = 130;
/// Ids are at least this long, in hexadecimal digits.
const SHORTEST_ID: usize = 8;

/// Does what the plan says, until it is done or `cancel` turns true. There always is a run to report: what kept it from
/// being whole stands in it.
pub async fn run(plan: Plan, events: Events, mut cancel: watch::Receiver<bool>) -> Outcome {
    let guardian = match Guardian::start(&plan.options.launch).await {
        Ok(guardian) => guardian,
        Err(error) => return failed(&plan, FleetError::from(error).into()),
    };
    // With the guardian all builds are gone: whatever was seen of them since says nothing.
    let orphaned = || Some(Err(FleetError::from(ProcessError::GuardianDied)));
    let outcome = tokio::select! {
        outcome = whole(&plan, &events, &guardian) => if guardian.is_gone() { orphaned() } else { Some(outcome) },
        () = guardian.gone() => orphaned(),
        () = cancelled(&mut cancel) => None,
    };
    guardian.shutdown().await;
    let stopped = *cancel.borrow();
    match outcome {
        Some(Ok(outcome)) => outcome,
        // What fails after an interruption fails because of it.
        Some(Err(error)) if !stopped => failed(&plan, error.into()),
        _ => interrupted(&plan),
    }
}

async fn cancelled(cancel: &mut watch::Receiver<bool>) {
    if cancel.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could cancel.
        std::future::pending::<()>().await;
    }
}

/// What is left of a run that was interrupted: nothing was shown.
fn interrupted(plan: &Plan) -> Outcome {
    Outcome { run: hollow(plan, "interrupted"), exit: INTERRUPTED, trouble: None }
}

/// What is left of a run whose builds or stores did not come up.
fn failed(plan: &Plan, error: CheckError) -> Outcome {
    let run = hollow(plan, &first_line(&error));
    let exit = gate(&run, &plan.manifest.gate, true);
    Outcome { run, exit, trouble: Some(error) }
}

/// A run that shows nothing, with the reason.
fn hollow(plan: &Plan, reason: &str) -> Run {
    let mut books = Books::default();
    books.facts.extend(plan.parts.iter().map(|part| facts(&part.check, Status::Failed, reason)));
    books.close(plan, &plan.builds())
}

async fn whole(plan: &Plan, events: &Events, guardian: &Guardian) -> Result<Outcome, FleetError> {
    let started = Instant::now();
    let folder = Arc::new(RunFolder::create(&plan.options.home)?);
    let made = fleet::prepare(&plan.manifest, guardian, events, &folder, &plan.options.cache).await?;
    let builds = Pair::new(made.old.facts(), made.new.facts());
    let manifest = Arc::new(plan.manifest.clone());
    let bench =
        Bench::new(manifest, made, guardian.clone(), Arc::clone(events), folder, plan.options.self_side).await?;
    let mut books = Books::default();
    let mut trouble = None;
    for check in checks::all() {
        let Some(part) = plan.parts.iter().find(|part| part.check == check.name()) else { continue };
        match one(plan, part, events, &bench, check.as_ref(), started).await {
            Ok(mut outcome) => {
                if let Some(error) = outcome.trouble.take() {
                    if let Some(facts) = &mut outcome.facts {
                        facts.status = Status::Failed;
                        facts.reason = Some(first_line(&error));
                    }
                    trouble = Some(error);
                }
                books.take(check.name(), outcome);
            }
            Err(error) => {
                books.facts.push(facts(check.name(), Status::Failed, &first_line(&error)));
                trouble = Some(error);
            }
        }
        events(Event::Checked { check: check.name().to_owned() });
    }
    let run = books.close(plan, &builds);
    let exit = gate(&run, &plan.manifest.gate, trouble.is_some());
    Ok(Outcome { run, exit, trouble })
}

async fn one(
    plan: &Plan,
    part: &Part,
    events: &Events,
    bench: &Bench,
    check: &dyn Check,
    started: Instant,
) -> Result<CheckOutcome, CheckError> {
    let job = Job {
        manifest: &plan.manifest,
        part,
        bench,
        protocol: Arc::new(Http::new()),
        events,
        jobs: plan.options.jobs.unwrap_or(DEFAULT_JOBS),
        force_bindings: plan.options.force_bindings,
        only: plan.options.reproduce.as_ref().and_then(|target| only(&target.finding)),
        deadline: plan.options.budget.map(|budget| Deadline { budget, ends: started + budget }),
    };
    check.run(&job).await
}

/// Sessions at the same time where their order is free and nobody says how many.
const DEFAULT_JOBS: usize = 8;

/// What a finding needs to be shown again.
fn only(finding: &Finding) -> Option<Only> {
    let replay = finding.replay.as_ref()?;
    let session = (!finding.subject.starts_with("process ")).then_some(replay.session);
    Some(Only { recording: replay.recording.clone(), direction: finding.direction, session })
}

fn first_line(error: &CheckError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn facts(name: &str, status: Status, reason: &str) -> CheckFacts {
    CheckFacts {
        name: name.to_owned(),
        status,
        reason: Some(reason.to_owned()),
        observations: 0,
        faithful: None,
        compared: None,
        assets: 0,
        controls: Pair::new("unshown".to_owned(), "unshown".to_owned()),
    }
}

/// What the checks gave, on its way to a run.
#[derive(Debug, Default)]
struct Books {
    facts: Vec<CheckFacts>,
    findings: Vec<Finding>,
    unstable: Vec<Unstable>,
    matrix: Vec<MatrixRow>,
    coverage: Coverage,
    notes: Vec<String>,
    outcomes: Vec<(String, CheckOutcome)>,
}

impl Books {
    fn take(&mut self, name: &str, mut outcome: CheckOutcome) {
        self.facts.extend(outcome.facts.take());
        self.findings.append(&mut outcome.findings);
        self.unstable.append(&mut outcome.unstable);
        self.matrix.append(&mut outcome.matrix);
        self.notes.append(&mut outcome.notes);
        self.coverage = std::mem::take(&mut outcome.coverage);
        self.outcomes.push((name.to_owned(), outcome));
    }

    /// Whether a direction was shown, and nothing was in the way of seeing what that subject does in it.
    fn looked(&self, subject: &str, direction: Direction) -> bool {
        let shown = |outcome: &CheckOutcome| outcome.shown.iter().any(|s| s.direction == direction && s.something);
        let row = self.matrix.iter().find(|row| row.subject == subject);
        self.outcomes.iter().any(|(_, outcome)| shown(outcome))
            && row.is_none_or(|row| row.mixed(direction) != Mark::Unknown)
    }

    fn close(mut self, plan: &Plan, builds: &Pair<BuildFacts>) -> Run {
        for (name, why) in &plan.skipped {
            self.facts.push(facts(name, Status::Skipped, why));
        }
        for name in &plan.unavailable {
            self.facts.push(facts(name, Status::Unavailable, "the manifest asks for it"));
        }
        let order = |name: &str| checks::NAMES.iter().position(|known| *known == name);
        self.facts.sort_by_key(|facts| order(&facts.name));
        let whole = plan.options.reproduce.is_none() && plan.options.self_side.is_none();
        accept::apply(&mut self.findings, &plan.manifest.accept, &plan.options.today);
        if whole {
            let ran = self.facts.iter().any(|facts| facts.name == "replay" && facts.status == Status::Ran);
            let looked = |accept: &Accept| {
                let is_replays = accept.rule.starts_with("http/") || accept.rule.starts_with("process/");
                ran && is_replays
                    && accept.directions().iter().all(|direction| self.looked(&accept.subject, *direction))
            };
            let more = accept::about(&plan.manifest.accept, &self.findings, &plan.options.today, looked);
            self.findings.extend(more);
        }
        name_findings(&mut self.findings, &plan.options.again);
        let grounds = Grounds {
            gate: &plan.manifest.gate,
            findings: &self.findings,
            unstable: &self.unstable,
            checks: &self.facts,
            outcomes: &self.outcomes,
            coverage: &self.coverage,
            has_state: !plan.manifest.states.is_empty(),
        };
        let answers = grounds.answers();
        let verdict = grounds.verdict(&answers);
        if !grounds.is_covered() {
            self.notes.push(format!(
                "{} of {} known operations were exercised; the gate asks for a share of {}",
                self.coverage.seen, self.coverage.known, plan.manifest.gate.coverage
            ));
        }
        Run {
            format: Run::FORMAT.to_owned(),
            major: Run::MAJOR,
            minor: Run::MINOR,
            project: plan.manifest.project.clone(),
            seed: plan.options.seed,
            old: builds.get(plan.options.self_side.unwrap_or(Side::Old)).clone(),
            new: builds.get(plan.options.self_side.unwrap_or(Side::New)).clone(),
            verdict,
            answers,
            checks: self.facts,
            matrix: self.matrix,
            findings: self.findings,
            unstable: self.unstable,
            coverage: self.coverage,
            notes: self.notes,
        }
    }
}

/// Sorts findings, and shortens their ids to what keeps them apart.
fn name_findings(findings: &mut [Finding], again: &Again) {
    findings.sort_by(|a, b| {
        (b.severity, &a.subject, a.direction, &a.rule, &a.at).cmp(&(
            a.severity,
            &b.subject,
            b.direction,
            &b.rule,
            &b.at,
        ))
    });
    let ids: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
    for (index, finding) in findings.iter_mut().enumerate() {
        let shared = |length: usize| {
            ids.iter().enumerate().any(|(other, id)| other != index && id.get(..length) == ids[index].get(..length))
        };
        let length = (SHORTEST_ID..ids[index].len()).find(|length| !shared(*length)).unwrap_or(ids[index].len());
        finding.id.truncate(length);
        finding.reproduce = again.command(finding);
    }
}
