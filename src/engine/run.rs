//! Does what the plan says: builds, checks, and the run that comes of it.

mod masked;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use self::masked::masked;
use super::close::{Books, Heading, facts};
use super::{Options, Plan, descriptors, gate};
use crate::checks::contracts::Promised;
use crate::checks::{self, Check, CheckError, Deadline, Job, Only, Outcome as CheckOutcome, Part, Readings, Shard};
use crate::fleet::{self, Bench, FleetError, RunFolder};
use crate::model::secret::Mask;
use crate::model::{Ended, Event, Events, Finding, Pair, Run, Status};
use crate::process::{Guardian, ProcessError, Veil};
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

/// Does what the plan says, until it is done or `cancel` turns true. There always is a run to report: what kept it from
/// being whole stands in it.
///
/// Of the secrets that fill recordings nothing is in it, in no report and in no log.
pub async fn run(plan: Plan, events: Events, cancel: watch::Receiver<bool>) -> Outcome {
    let mask = Mask::new(&plan.options.secrets);
    let mut outcome = unmasked(&plan, &mask, events, cancel).await;
    if !mask.is_empty() {
        outcome.run = masked(outcome.run, &mask);
    }
    outcome
}

async fn unmasked(plan: &Plan, mask: &Mask, events: Events, mut cancel: watch::Receiver<bool>) -> Outcome {
    let guardian = match Guardian::start(&plan.options.launch).await {
        Ok(guardian) if mask.is_empty() => guardian,
        Ok(guardian) => {
            let mask = mask.clone();
            guardian.veiled(Veil::new(mask.longest(), move |text| match mask.bytes(text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(masked) => Some(masked),
            }))
        }
        Err(error) => return failed(plan, FleetError::from(error).into()),
    };
    // With the guardian all builds are gone: whatever was seen of them since says nothing.
    let orphaned = || Some(Err(FleetError::from(ProcessError::GuardianDied)));
    let outcome = tokio::select! {
        outcome = whole(plan, &events, &guardian) => if guardian.is_gone() { orphaned() } else { Some(outcome) },
        () = guardian.gone() => orphaned(),
        () = cancelled(&mut cancel) => None,
    };
    guardian.shutdown().await;
    let stopped = *cancel.borrow();
    match outcome {
        Some(Ok(outcome)) => outcome,
        // What fails after an interruption fails because of it.
        Some(Err(error)) if !stopped => failed(plan, error.into()),
        _ => interrupted(plan),
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
    Outcome { run: hollow(plan, "interrupted", Ended::Interrupted), exit: INTERRUPTED, trouble: None }
}

/// What is left of a run whose builds or stores did not come up.
fn failed(plan: &Plan, error: CheckError) -> Outcome {
    let run = hollow(plan, &first_line(&error), Ended::Failed);
    let exit = gate(&run, &plan.manifest.gate, true);
    Outcome { run, exit, trouble: Some(error) }
}

/// A run that shows nothing, with the reason.
fn hollow(plan: &Plan, reason: &str, ended: Ended) -> Run {
    let mut books = books(plan);
    books.facts.extend(plan.parts.iter().map(|part| facts(&part.check, Status::Failed, reason)));
    let mut heading = Heading::of(plan, &plan.builds());
    heading.ended(ended);
    books.close(heading)
}

/// Books in which stands which checks don't run.
fn books(plan: &Plan) -> Books {
    let mut books = Books::default();
    books.facts.extend(plan.skipped.iter().map(|(name, why)| facts(name, Status::Skipped, why)));
    let unavailable = plan.unavailable.iter();
    books.facts.extend(unavailable.map(|name| facts(name, Status::Unavailable, "the manifest asks for it")));
    books
}

async fn whole(plan: &Plan, events: &Events, guardian: &Guardian) -> Result<Outcome, FleetError> {
    let started = Instant::now();
    let folder = Arc::new(RunFolder::create(&plan.options.home)?);
    let made = fleet::prepare(&plan.manifest, guardian, events, &folder, &plan.options.cache).await?;
    let builds = Pair::new(made.old.facts(), made.new.facts());
    let manifest = Arc::new(plan.manifest.clone());
    let Options { self_side, secrets, .. } = &plan.options;
    let bench = Bench::new(manifest, made, guardian.clone(), Arc::clone(events), folder, *self_side, secrets).await?;
    let mut books = books(plan);
    let mut trouble = None;
    let promised = Promised::read(&plan.manifest, &bench).await;
    // Who only compares contracts sends nothing, and reads no message.
    let has_calls = plan.parts.iter().any(|part| part.check != "contracts");
    let readings = if has_calls {
        descriptors::completed(plan.readings.clone(), &plan.manifest, &bench, events).await
    } else {
        Readings::default()
    };
    for check in checks::all() {
        let Some(part) = plan.parts.iter().find(|part| part.check == check.name()) else { continue };
        match one(plan, part, events, (&bench, &promised, &readings), check.as_ref(), started).await {
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
    let mut heading = Heading::of(plan, &builds);
    if trouble.is_some() {
        heading.ended(Ended::Failed);
    }
    let run = books.close(heading);
    let exit = gate(&run, &plan.manifest.gate, trouble.is_some());
    Ok(Outcome { run, exit, trouble })
}

async fn one(
    plan: &Plan,
    part: &Part,
    events: &Events,
    (bench, promised, readings): (&Bench, &Promised, &Readings),
    check: &dyn Check,
    started: Instant,
) -> Result<CheckOutcome, CheckError> {
    let job = Job {
        manifest: &plan.manifest,
        part,
        promised,
        bench,
        protocol: Arc::new(Http::new()),
        readings,
        events,
        seed: plan.options.seed,
        jobs: plan.options.jobs.unwrap_or(DEFAULT_JOBS),
        secrets: Arc::new(plan.options.secrets.clone()),
        force_bindings: plan.options.force_bindings,
        shard: plan.options.shard.map(|(part, of)| Shard { part, of }),
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
    let needs_all = finding.subject.starts_with("process ") && finding.story.is_empty();
    let session = (!needs_all).then_some(replay.session);
    let (recording, story) = (replay.recording.clone(), finding.story.clone());
    Some(Only { recording, direction: finding.direction, session, story })
}

fn first_line(error: &CheckError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
