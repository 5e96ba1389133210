//! Joins the reports of shards into the report that one run would have given.
//!
//! The books of the checks are put together, and the run is closed as any run is. What is not part of one and the same run
//! is refused by name: nothing is ever left out in silence.

use thiserror::Error;

use super::close::{Books, Heading, Terms, facts};
use super::{Again, Outcome, gate};
use crate::checks;
use crate::model::{BuildFacts, CheckFacts, Ended, Pair, Run, Shard, Side, Status};

/// Why reports can't be joined.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MergeError {
    /// No reports at all.
    #[error("there is nothing to merge: name the reports of all shards")]
    Nothing,
    /// A report of a whole run.
    #[error("{name} is no shard's report: `straddle check --shard I/N --report json=FILE` writes one")]
    NoShard {
        /// The file.
        name: String,
    },
    /// A report of another release.
    #[error(
        "{name} was written by straddle {found}, and this is {known}: only the release that made the shards joins them"
    )]
    OtherRelease {
        /// The file.
        name: String,
        /// The release that wrote it.
        found: String,
        /// This release.
        known: String,
    },
    /// Not a part of the same run.
    #[error("{name} is no part of the run of {first}: its {what} is {found}, not {known}; run all shards on the same")]
    OtherRun {
        /// The file.
        name: String,
        /// The file that it is held against.
        first: String,
        /// In what they differ.
        what: &'static str,
        /// What this one has.
        found: String,
        /// What the first one has.
        known: String,
    },
    /// The same part more than once.
    #[error("{name} and {first} are both shard {part} of {of}: leave one of them out")]
    Twice {
        /// The file.
        name: String,
        /// The other one.
        first: String,
        /// Which part.
        part: u32,
        /// Of how many.
        of: u32,
    },
    /// Parts that nobody gave.
    #[error("shard {missing} of {of} is missing: run `straddle check --shard {missing}/{of}`, and merge all {of}")]
    Missing {
        /// The first that is missing.
        missing: u32,
        /// Of how many.
        of: u32,
    },
    /// A report that says of itself what can't be.
    #[error("{name} is damaged: {reason}; run that shard again")]
    Damaged {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

/// A report and the name of its file.
struct Part {
    name: String,
    run: Run,
    shard: Shard,
    terms: Terms,
}

/// The run of which these are all the shards, each with the name of its file, and the exit code of it.
pub fn merge(reports: Vec<(String, Run)>) -> Result<Outcome, MergeError> {
    let mut parts = reports.into_iter().map(|(name, run)| Part::read(name, run)).collect::<Result<Vec<_>, _>>()?;
    parts.sort_by_key(|part| part.shard.part);
    are_one_run(&parts)?;
    let heading = heading(&parts)?;
    let gate_terms = heading.terms.gate;
    let run = books(&parts)?.close(heading);
    let failed = parts.iter().any(|part| part.shard.ended == Ended::Failed);
    let exit = gate(&run, &gate_terms, failed);
    Ok(Outcome { run, exit, trouble: None })
}

impl Part {
    fn read(name: String, mut run: Run) -> Result<Self, MergeError> {
        let Some(shard) = run.shard.take() else { return Err(MergeError::NoShard { name }) };
        if shard.release != env!("CARGO_PKG_VERSION") {
            let (found, known) = (shard.release, env!("CARGO_PKG_VERSION").to_owned());
            return Err(MergeError::OtherRelease { name, found, known });
        }
        if shard.part == 0 || shard.part > shard.of {
            let reason = format!("there is no shard {} of {}", shard.part, shard.of);
            return Err(MergeError::Damaged { name, reason });
        }
        match serde_json::from_value(shard.terms.clone()) {
            Ok(terms) => Ok(Self { name, run, shard, terms }),
            Err(error) => Err(MergeError::Damaged { name, reason: format!("its terms can't be read: {error}") }),
        }
    }

    /// What has to be the same in all shards, in words.
    fn identity(&self) -> Vec<(&'static str, String)> {
        let Self { run, shard, .. } = self;
        let recordings: Vec<String> =
            shard.recordings.iter().map(|one| format!("{} ({})", one.name, one.digest)).collect();
        vec![
            ("number of shards", shard.of.to_string()),
            ("project", run.project.clone()),
            ("manifest", shard.manifest.clone()),
            ("seed", run.seed.to_string()),
            ("command line", format!("`{}`", shard.asked)),
            ("list of recordings", recordings.join(", ")),
        ]
    }

    /// Its builds, where it came so far as to make them.
    fn builds(&self) -> Option<Pair<&BuildFacts>> {
        let ran = |facts: &CheckFacts| facts.status == Status::Ran || self.shard.books.contains_key(&facts.name);
        self.run.checks.iter().any(ran).then(|| Pair::new(&self.run.old, &self.run.new))
    }
}

fn are_one_run(parts: &[Part]) -> Result<(), MergeError> {
    let Some(first) = parts.first() else { return Err(MergeError::Nothing) };
    let other = |part: &Part, first: &Part, what, found, known| {
        Err(MergeError::OtherRun { name: part.name.clone(), first: first.name.clone(), what, found, known })
    };
    for part in &parts[1..] {
        for ((what, known), (_, found)) in first.identity().into_iter().zip(part.identity()) {
            if found != known {
                return other(part, first, what, found, known);
            }
        }
    }
    let mut made = parts.iter().filter_map(|part| part.builds().map(|builds| (part, builds)));
    if let Some((first, known)) = made.next() {
        for (part, found) in made {
            for (what, side) in [("old build", Side::Old), ("new build", Side::New)] {
                let (found, known) = (words(found.get(side)), words(known.get(side)));
                if found != known {
                    return other(part, first, what, found, known);
                }
            }
        }
    }
    let of = first.shard.of;
    for (part, next) in parts.iter().zip(&parts[1..]) {
        if part.shard.part == next.shard.part {
            let (name, first) = (next.name.clone(), part.name.clone());
            return Err(MergeError::Twice { name, first, part: part.shard.part, of });
        }
    }
    let missing = (1..=of).find(|number| !parts.iter().any(|part| part.shard.part == *number));
    missing.map_or(Ok(()), |missing| Err(MergeError::Missing { missing, of }))
}

/// A build, in words. Whether its tree is dirty may be the work of a shard that left its report there.
fn words(build: &BuildFacts) -> String {
    match &build.commit {
        Some(commit) => format!("{} at {commit}", build.label),
        None => build.label.clone(),
    }
}

fn heading(parts: &[Part]) -> Result<Heading, MergeError> {
    let first = parts.iter().find(|part| part.builds().is_some()).or(parts.first()).ok_or(MergeError::Nothing)?;
    let dirty = |side: fn(&Run) -> &BuildFacts| parts.iter().any(|part| side(&part.run).dirty);
    let old = BuildFacts { dirty: dirty(|run| &run.old), ..first.run.old.clone() };
    let new = BuildFacts { dirty: dirty(|run| &run.new), ..first.run.new.clone() };
    // A run that goes on past midnight ends on the later day.
    let today = parts.iter().map(|part| part.terms.today.clone()).max().unwrap_or_default();
    Ok(Heading {
        project: first.run.project.clone(),
        seed: first.run.seed,
        builds: Pair::new(old, new),
        terms: Terms { today, ..first.terms.clone() },
        again: Again::ById,
        shard: None,
    })
}

/// The books of all parts as those of one run.
fn books(parts: &[Part]) -> Result<Books, MergeError> {
    let mut books = Books::default();
    let all = checks::all();
    for facts in parts.first().map(|part| &part.run.checks).into_iter().flatten() {
        let name = facts.name.as_str();
        if !matches!(facts.status, Status::Ran | Status::Failed) {
            books.facts.push(facts.clone());
            continue;
        }
        let reason = failure(parts, name);
        let written: Vec<_> = parts.iter().filter_map(|part| part.shard.books.get(name).cloned()).collect();
        let check = all.iter().find(|check| check.name() == name && !written.is_empty());
        let Some(check) = check else {
            books.facts.push(self::facts(name, Status::Failed, reason.as_deref().unwrap_or("it wrote nothing down")));
            continue;
        };
        let mut outcome = check.join(written).map_err(|error| {
            let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
            MergeError::Damaged { name: names.join(" or "), reason: format!("its books can't be read: {error}") }
        })?;
        if let (Some(reason), Some(facts)) = (reason, &mut outcome.facts) {
            facts.status = Status::Failed;
            facts.reason = Some(reason);
        }
        books.take(name, outcome);
    }
    Ok(books)
}

/// Why a check did not come to its end: as every shard says it, or as the first does that has something to say.
fn failure(parts: &[Part], name: &str) -> Option<String> {
    let failed: Vec<(u32, &str)> = parts
        .iter()
        .filter_map(|part| {
            let facts = part.run.checks.iter().find(|facts| facts.name == name)?;
            let reason = facts.reason.as_deref().unwrap_or("it did not run to its end");
            (facts.status == Status::Failed).then_some((part.shard.part, reason))
        })
        .collect();
    let (number, reason) = *failed.first()?;
    if failed.len() == parts.len() && failed.iter().all(|(_, other)| *other == reason) {
        return Some(reason.to_owned());
    }
    Some(format!("shard {number} of {}: {reason}", parts.len()))
}
