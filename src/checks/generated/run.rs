//! Sends what both sides' clients may send: what is kept, then what is made up, then what is left of it when it was made smaller.

use std::collections::BTreeSet;

use proptest::test_runner::{RngAlgorithm, TestRng};

use super::books::Books;
use super::gather::{Clients, clients};
use super::kept::Kept;
use super::plan::fit;
use super::round_trip::Losses;
use super::shrink::shrunk;
use super::written::{Cases, Room, Written};
use crate::checks::concluding::Key;
use crate::checks::replaying::{Recorded, Run};
use crate::checks::seam::{CheckError, Deadline, Job};
use crate::generate::calls::{Calls, Case};
use crate::manifest::SourceSpec;
use crate::model::{Direction, Severity, Side};

/// As many findings of one contract's clients are made smaller: each takes dozens of arrangements.
const MOST_SHRUNK: usize = 16;

/// Chapters of each contract's clients, in the order in which they speak for a finding.
const SHRUNK: usize = 0;
const KEPT: usize = 1;
const MADE: usize = 2;
const CHAPTERS: usize = 3;

/// All of it. What ends it early takes nothing from what was written down by then.
pub(super) async fn run(job: &Job<'_>) -> (Books, Option<CheckError>) {
    let mut sender = Sender { job, run: Run::new(job), known: BTreeSet::new(), losses: Losses::default(), sets: 0 };
    let mut trouble = None;
    for spec in fit(job.manifest) {
        let sent = match clients(job, spec).await {
            Ok(clients) => sender.all(&clients).await,
            Err(error) => Err(error),
        };
        // What the others show stands.
        trouble = sent.err().or(trouble);
    }
    (Books { tally: sender.run.end(), known: sender.known, losses: sender.losses }, trouble)
}

struct Sender<'a> {
    job: &'a Job<'a>,
    run: Run<'a>,
    known: BTreeSet<String>,
    losses: Losses,
    /// Sets of clients that were looked at.
    sets: usize,
}

/// The clients of one generation.
struct Set<'a> {
    room: Room<'a>,
    /// Which contract of the service is theirs.
    name: &'a str,
    side: Side,
    calls: &'a Calls,
    other: &'a Calls,
    /// The number of their first chapter.
    first: usize,
}

impl Sender<'_> {
    async fn all(&mut self, clients: &Clients) -> Result<(), CheckError> {
        let Clients { service, name, calls, whose } = clients;
        for (side, client) in whose {
            let (own, other) = (calls.get(*side), calls.get(side.other()));
            self.known.extend(own.surfaces().into_iter().map(str::to_owned));
            let why = |(surface, why): &(String, String)| format!("no message is made for {surface} of {side}: {why}");
            self.run.note(own.unmade().iter().map(why));
            if own.surfaces().is_empty() {
                continue;
            }
            let (folder, secrets) = (self.job.bench.folder(), &*self.job.secrets);
            let headers = &self.job.manifest.generated.headers;
            let room = Room { folder, service, client: *client, headers, secrets };
            let set = Set { room, name, side: *side, calls: own, other, first: self.sets * CHAPTERS };
            self.sets += 1;
            self.run.expect(client.directions());
            self.set(&set).await?;
        }
        Ok(())
    }

    async fn set(&mut self, set: &Set<'_>) -> Result<(), CheckError> {
        let Room { service, .. } = set.room;
        let side = set.side;
        let kept = Kept { folder: &self.job.manifest.generated.cases, service, side };
        let (mut cases, notes) = kept.read(set.calls);
        cases.retain(|_, case| self.may_be_sent(set, case));
        self.run.note(notes);
        let kept_name = format!("cases/{service}/{}/{side}", set.name);
        if !cases.is_empty() {
            self.take(set, &kept_name, &cases, set.first + KEPT).await?;
        }
        let made = self.made(set);
        for case in made.values() {
            self.losses.take(case, set.calls, set.other, Direction::mixed_from(side));
        }
        let written =
            self.take(set, &format!("generated/{service}/{}/{side}", set.name), &made, set.first + MADE).await?;
        if self.job.only.is_some() {
            // What is shown again is shown as it was.
            return Ok(());
        }
        let mut small = Cases::new();
        for (case, key) in self.to_shrink(&written, &made, &kept_name) {
            if self.job.deadline.as_ref().and_then(Deadline::passed).is_some() {
                break;
            }
            let smallest = shrunk(&self.run, &set.room, set.calls, &case, &key, self.job.deadline).await?;
            let case = smallest.unwrap_or(case);
            let failed = kept.write(&case, &key, self.job.seed, set.calls).err();
            self.run.note(failed);
            small.insert(case.number(), case);
        }
        if !small.is_empty() {
            self.take(set, &kept_name, &small, set.first + SHRUNK).await?;
        }
        Ok(())
    }

    async fn take(&mut self, set: &Set<'_>, name: &str, cases: &Cases, number: usize) -> Result<Written, CheckError> {
        let written = set.room.write(name, set.calls, cases)?;
        let recorded =
            Recorded { spec: &written.spec, recording: &written.recording, surfaces: Some(&written.surfaces) };
        self.run.take(&recorded, number).await?;
        Ok(written)
    }

    /// What is made up, surface by surface.
    fn made(&mut self, set: &Set<'_>) -> Cases {
        let most = self.job.manifest.generated.messages;
        let (mut all, mut withheld) = (Vec::<Case>::new(), Vec::new());
        for surface in set.calls.surfaces() {
            let mut random = random(&[set.room.service, set.side.as_str(), surface], self.job.seed);
            let cases = set.calls.cases(surface, Some(set.other), &mut random, most);
            let before = all.len();
            let is_any = !cases.is_empty();
            all.extend(cases.into_iter().filter(|case| self.may_be_sent(set, case)));
            if is_any && all.len() == before {
                withheld.push(surface);
            }
        }
        if !withheld.is_empty() {
            let (service, surfaces) = (set.room.service, withheld.join(", "));
            self.run.note([format!("no unsafe message goes to {service}, whose builds can't be put back: {surfaces}")]);
        }
        (0..).zip(all).collect()
    }

    /// Whether a case may go to builds of which one may be nobody's to put back.
    fn may_be_sent(&self, set: &Set<'_>, case: &Case) -> bool {
        let mut services = self.job.manifest.services.iter().filter(|service| service.name == set.room.service);
        let is_given = services.any(|service| {
            let builds = Side::BOTH.map(|side| service.builds.get(self.job.bench.played(side)));
            builds.iter().any(|build| matches!(build.source, SourceSpec::Url(_)) && !build.writes)
        });
        !is_given || case.steps.iter().all(|step| set.calls.call(step).is_none_or(|call| call.is_safe()))
    }

    /// What stands of what was made up, and is not shown by a kept case already: the worst first.
    fn to_shrink(&self, written: &Written, made: &Cases, kept: &str) -> Vec<(Case, Key)> {
        let (shown, mut news): (Vec<_>, Vec<_>) = self
            .run
            .standing()
            .into_iter()
            .filter(|found| [kept, written.spec.name.as_str()].contains(&found.replay.recording.as_str()))
            .partition(|found| found.replay.recording == kept);
        news.retain(|found| found.severity > Severity::Info && !shown.iter().any(|known| known.key == found.key));
        news.sort_by_key(|found| std::cmp::Reverse(found.severity));
        let case = |exchange| written.case(made, exchange);
        let news = news.into_iter().filter_map(|found| Some((case(found.replay.exchange)?, found.key)));
        // A process that ended names no exchange: the reply that it owes is a finding of its own.
        news.filter(|(case, key)| case.surface() == key.subject).take(MOST_SHRUNK).collect()
    }
}

/// The randomness of a surface: the same on every machine, and whatever else is drawn.
fn random(of: &[&str], seed: u64) -> TestRng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    for part in of {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    TestRng::from_seed(RngAlgorithm::ChaCha, hasher.finalize().as_bytes())
}
