//! `cargo xtask mutate`, the self-test of trust: runs real services against themselves, changes their replies by a plan, and
//! counts which changes straddle finds. It links nothing of straddle, and takes none of its words for what is noise.

mod batch;
mod bench;
mod change;
mod choose;
mod json;
mod page;
mod place;
pub mod proxy;
mod reply;
mod route;
mod shape;
mod survey;
mod tally;
mod verdict;
mod witness;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::manifest::Engine;
use crate::options::Options;
use crate::steps::{self, Done, Failure};
use batch::Batch;
use bench::Bench;
use survey::{Candidate, Survey};
use tally::{Tally, told};
use verdict::{Company, Outcome, outcome};

/// What can be asked of it.
struct Asked {
    straddle: PathBuf,
    source: PathBuf,
    dest: PathBuf,
    changes: usize,
    seed: u64,
    /// How many of what is found together with others are made again alone.
    verify: usize,
    /// How many runs are under way at the same time.
    jobs: usize,
}

/// The pairs of the full run.
const PAIRS: [&str; 3] = ["demo", "json-server", "datasette-patch"];
/// So many other changes are made to a place at which nothing was found, before it is called dead.
const ROUNDS: usize = 3;
/// So often a change alone is made again where straddle itself says that it is not sure: a busy machine has many reasons.
const STEADY: usize = 3;
/// More masked leaves than this, in hundredths of all, are too many to be silent about.
const MOST_MASKED: f64 = 10.0;

/// Changes the named pairs, or all.
pub fn run(words: Vec<String>) -> Done {
    let mut options = Options::new(words);
    let root = steps::root();
    let source = options.value("--source")?.map_or_else(|| root.join("../shared/pairs"), PathBuf::from);
    let dest = options.value("--dest")?.map_or_else(|| steps::target().join("pairs"), PathBuf::from);
    let changes = options.value("--changes")?.map_or(Ok(500), |count| count.parse())?;
    let seed = options.value("--seed")?.map_or(Ok(0), |seed| seed.parse())?;
    let verify = options.value("--verify")?.map_or(Ok(changes / 50), |count| count.parse())?;
    let jobs = options.value("--jobs")?.map_or(Ok(1), |count| count.parse())?;
    let at_least: Option<f64> = options.value("--at-least")?.map(|share| share.parse()).transpose()?;
    let write = options.flag("--write");
    let mut names = options.names()?;
    if names.is_empty() {
        names = PAIRS.map(str::to_owned).into();
    }
    fs::create_dir_all(&dest)?;
    let asked = Asked { straddle: steps::build()?, source, dest: fs::canonicalize(dest)?, changes, seed, verify, jobs };
    let (mut tallies, mut errors) = (Vec::new(), Vec::new());
    for name in &names {
        match asked.pair(name) {
            Ok(tally) => {
                println!("\n{name}: {}\n\n{}", page::summary(&tally), page::table(&tally));
                if let Some(least) = at_least {
                    errors.extend(wanting(&tally, least));
                }
                tallies.push(tally);
            }
            Err(error) => errors.push(format!("{name}: {error}")),
        }
    }
    for error in &errors {
        eprintln!("xtask: {error}");
    }
    if write {
        let file = root.join("docs/trust.md");
        let before = fs::read_to_string(&file).unwrap_or_default();
        fs::write(file, page::page(&before, &tallies, seed))?;
    }
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What keeps a pair from being trusted.
fn wanting(tally: &Tally, least: f64) -> Vec<String> {
    let mut errors = Vec::new();
    let pair = &tally.pair;
    if tally.share() < least {
        errors.push(format!(
            "{pair}: {:.1} % of the changes outside masks are found, less than {least} %",
            tally.share()
        ));
    }
    if tally.structural_missed > 0 {
        errors.push(format!("{pair}: {} structural changes inside masks are missed", tally.structural_missed));
    }
    if tally.masked() > MOST_MASKED {
        errors.push(format!("{pair}: {:.1} % of the leaves are masked, more than {MOST_MASKED} %", tally.masked()));
    }
    errors
}

impl Asked {
    fn pair(&self, name: &str) -> Result<Tally, Failure> {
        let bench = Bench::new(self.straddle.clone(), self.laid_out(name)?)?;
        let survey = Survey::of(&bench)?;
        let chosen = choose::choose(&survey.candidates, self.changes, self.seed);
        let batches = batch::batches(&survey, &chosen);
        eprintln!("mutate: {name}: {} of {} changes in {} runs", chosen.len(), survey.candidates.len(), batches.len());
        let trial = Trial {
            bench: &bench,
            survey: &survey,
            jobs: self.jobs,
            runs: AtomicUsize::new(0),
            lone: AtomicUsize::new(0),
        };
        let outcomes = trial.all(&batches)?;
        let silent =
            tally::silent(&outcomes.iter().map(|(candidate, outcome, _)| (*candidate, outcome)).collect::<Vec<_>>());
        let dead = trial.dead(&silent)?;
        let verified = trial.again(&outcomes, self.verify, self.seed)?;
        let outcomes: Vec<(Candidate, Outcome)> =
            outcomes.into_iter().map(|(candidate, outcome, _)| (candidate.clone(), outcome)).collect();
        let runs = (trial.runs.into_inner(), trial.lone.into_inner());
        Ok(Tally { dead, runs, verified, ..Tally::of(name, &survey, &outcomes) })
    }

    /// The pair's folder, made complete.
    fn laid_out(&self, name: &str) -> Result<PathBuf, Failure> {
        if name == "demo" {
            let folder = steps::target().join("demo").join("mutate");
            let demo = steps::root().join("tests/demo");
            crate::manifest::lay_out(&demo, &steps::binary("straddle-demo-shop"), &folder, None, Engine::Sqlite)?;
            return Ok(folder);
        }
        let install = self.source.join(name).join("install.sh");
        if !install.is_file() {
            return Err(
                format!("{} is not there; say with `--source DIR` where the pairs are", install.display()).into()
            );
        }
        steps::must(Command::new("bash").arg(install).arg(&self.dest))?;
        Ok(self.dest.join(name))
    }
}

/// A pair under trial.
struct Trial<'a> {
    bench: &'a Bench,
    survey: &'a Survey,
    jobs: usize,
    /// Runs.
    runs: AtomicUsize,
    /// Those of them that were of one change.
    lone: AtomicUsize,
}

/// A change, how it came out, and whether it was found in a run with others.
type Made<'c> = (&'c Candidate, Outcome, bool);

impl Trial<'_> {
    /// All of these runs, as many at the same time as were asked for; what came out in their order.
    fn all<'c>(&self, batches: &[Batch<'c>]) -> Result<Vec<Made<'c>>, Failure> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<(usize, Vec<Made<'c>>)>, String> {
            let mut done = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = batches.get(number) else { return Ok(done) };
                done.push((number, self.batch(batch).map_err(|error| error.to_string())?));
                eprintln!("mutate: {} of {} runs", number + 1, batches.len());
            }
        };
        let mut done = Vec::new();
        thread::scope(|scope| -> Result<(), String> {
            let workers: Vec<_> = (0..self.jobs.max(1)).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                done.extend(worker.join().map_err(|_| "a run panicked".to_owned())??);
            }
            Ok(())
        })?;
        done.sort_by_key(|(number, _)| *number);
        Ok(done.into_iter().flat_map(|(_, made)| made).collect())
    }

    /// Makes some changes together; each that is missed, or told at another place, again alone.
    fn batch<'c>(&self, batch: &Batch<'c>) -> Result<Vec<Made<'c>>, Failure> {
        let changes: Vec<_> = batch.candidates.iter().map(|candidate| &candidate.change).collect();
        let report = self.bench.changed(&self.survey.routes, &changes)?;
        let alone = changes.len() == 1;
        self.counts(alone);
        let mut outcomes = Vec::new();
        for candidate in &batch.candidates {
            let company = match (alone, batch.is_only_one(self.survey, candidate)) {
                (true, _) => Company::None,
                (false, true) => Company::Elsewhere,
                (false, false) => Company::Here,
            };
            let mut outcome = outcome(self.survey, &report, &candidate.change, company);
            // What a mask may well hide need not be hidden twice, unless later calls may tell it.
            let may_be_hidden = candidate.masked && !candidate.used && !candidate.change.kind.is_structural();
            let settled = alone || outcome.is_at_its_place() || may_be_hidden && !outcome.is_found();
            if !settled {
                outcome = self.alone(candidate)?;
            }
            if !outcome.is_found() {
                eprintln!(
                    "mutate: missed: {}{}",
                    told(&candidate.change),
                    if candidate.masked { ", inside a mask" } else { "" }
                );
            }
            let found_together = !alone && settled && outcome.is_found();
            outcomes.push((*candidate, outcome, found_together));
        }
        Ok(outcomes)
    }

    /// Of places at which nothing was found, those at which nothing is found whatever is done to them.
    fn dead(&self, silent: &[&Candidate]) -> Result<BTreeSet<String>, Failure> {
        let mut dead: BTreeSet<String> = silent.iter().map(|candidate| tally::name(&candidate.change)).collect();
        for round in 0..ROUNDS {
            let mut tries = Vec::new();
            for silent in silent.iter().filter(|candidate| dead.contains(&tally::name(&candidate.change))) {
                let change = &silent.change;
                let mut others = self.survey.candidates.iter().filter(|other| {
                    let other = &other.change;
                    other.route == change.route
                        && other.fails == change.fails
                        && other.place == change.place
                        && other.kind.is_structural()
                });
                tries.extend(others.nth(round).cloned());
            }
            let outcomes = self.all(&batch::batches(self.survey, &tries))?;
            let found = outcomes.iter().filter(|(_, outcome, _)| outcome.is_found());
            let alive: BTreeSet<String> = found.map(|(candidate, ..)| tally::name(&candidate.change)).collect();
            dead.retain(|name| !alive.contains(name));
        }
        Ok(dead)
    }

    fn alone(&self, candidate: &Candidate) -> Result<Outcome, Failure> {
        let mut last = Outcome::Unstable;
        for _ in 0..STEADY {
            self.counts(true);
            let report = self.bench.changed(&self.survey.routes, &[&candidate.change])?;
            last = outcome(self.survey, &report, &candidate.change, Company::None);
            if last != Outcome::Unstable {
                break;
            }
        }
        Ok(last)
    }

    fn counts(&self, alone: bool) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.lone.fetch_add(usize::from(alone), Ordering::Relaxed);
    }

    /// Makes a sample of what was found together with others again, alone: how many were found again, and how many weren't.
    fn again(&self, outcomes: &[Made<'_>], count: usize, seed: u64) -> Result<(usize, usize), Failure> {
        let mut drawn: Vec<_> = (0_u64..).zip(outcomes).filter(|(_, (_, _, together))| *together).collect();
        drawn.sort_by_key(|(number, _)| choose::mixed(!seed, *number));
        let drawn: Vec<Batch<'_>> =
            drawn.into_iter().take(count).map(|(_, (candidate, ..))| Batch::alone(candidate)).collect();
        let made = self.all(&drawn)?;
        let found = made.iter().filter(|(_, outcome, _)| outcome.is_found()).count();
        Ok((found, made.len() - found))
    }
}
