//! Does what the plan says: builds, checks, and the run that comes of it.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use super::answers::Grounds;
use super::{EngineError, Plan, accept, gate};
use crate::checks::{self, Check, CheckError, Deadline, Job, Only, Outcome as CheckOutcome};
use crate::fleet::{self, Bench, RunFolder};
use crate::model::{
    BuildFacts, CheckFacts, Coverage, Event, Events, Finding, MatrixRow, Pair, Run, Side, Status, Unstable,
};
use crate::process::Guardian;
use crate::wire::http::Http;

/// A run and its exit code.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What happened.
    pub run: Run,
    /// The exit code, by the gate and the precedence of codes.
    pub exit: u8,
    /// What kept a check from doing its job, for a person.
    pub trouble: Option<String>,
}

/// The exit code of an interrupted run.
const INTERRUPTED: u8 = 130;
/// Ids are at least this long, in hexadecimal digits.
const SHORTEST_ID: usize = 8;

/// Does what the plan says, until it is done or `cancel` turns true.
pub async fn run(plan: Plan, events: Events, mut cancel: watch::Receiver<bool>) -> Result<Outcome, EngineError> {
    let guardian = Guardian::start(&plan.options.launch).await?;
    let outcome = tokio::select! {
        outcome = whole(&plan, &events, &guardian) => Some(outcome),
        () = cancelled(&mut cancel) => None,
    };
    guardian.shutdown().await;
    match outcome {
        Some(outcome) => outcome,
        None => Ok(interrupted(&plan)),
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
    let mut books = Books::default();
    for part in &plan.parts {
        books.facts.push(facts(&part.check, Status::Failed, "interrupted"));
    }
    Outcome { run: books.close(plan, &Pair::default()), exit: INTERRUPTED, trouble: Some("interrupted".to_owned()) }
}

async fn whole(plan: &Plan, events: &Events, guardian: &Guardian) -> Result<Outcome, EngineError> {
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
        if !plan.parts.iter().any(|part| part.check == check.name()) {
            continue;
        }
        match one(plan, events, &bench, check.as_ref(), started).await {
            Ok(outcome) => books.take(check.name(), outcome),
            Err(error) => {
                let text = error.to_string();
                books.facts.push(facts(check.name(), Status::Failed, text.lines().next().unwrap_or_default()));
                trouble = Some(text);
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
    events: &Events,
    bench: &Bench,
    check: &dyn Check,
    started: Instant,
) -> Result<CheckOutcome, CheckError> {
    let job = Job {
        manifest: &plan.manifest,
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

    fn close(mut self, plan: &Plan, builds: &Pair<BuildFacts>) -> Run {
        for (name, why) in &plan.skipped {
            self.facts.push(facts(name, Status::Skipped, why));
        }
        for name in &plan.unavailable {
            self.facts.push(facts(name, Status::Unavailable, "not in this release"));
        }
        let order = |name: &str| checks::NAMES.iter().position(|known| *known == name);
        self.facts.sort_by_key(|facts| order(&facts.name));
        let complete = plan.options.reproduce.is_none();
        let ran = self.facts.iter().any(|facts| facts.name == "replay" && facts.status == Status::Ran);
        accept::apply(&mut self.findings, &plan.manifest.accept, &plan.options.today, |rule| {
            complete && ran && (rule.starts_with("http/") || rule.starts_with("process/"))
        });
        name_findings(&mut self.findings);
        let grounds = Grounds {
            gate: &plan.manifest.gate,
            findings: &self.findings,
            unstable: &self.unstable,
            checks: &self.facts,
            outcomes: &self.outcomes,
            coverage: &self.coverage,
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
            format: "straddle-report".to_owned(),
            major: 1,
            minor: 0,
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
fn name_findings(findings: &mut [Finding]) {
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
        finding.reproduce = format!("straddle reproduce {}", finding.id);
    }
}
