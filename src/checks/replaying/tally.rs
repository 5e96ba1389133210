//! What a replay wrote down, before anything is concluded from it: the main type is [`Tally`].
//!
//! The tally of all sessions, and the tallies of shards put together by [`Tally::join`], are the same value; what is said of
//! it is made by one function (`outcome`). So N shards give the report of one run, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::ledger::Ledger;
use crate::checks::concluding::Key;
use crate::model::{Direction, Evidence, Replay, Severity};

/// What a replay wrote down, of all sessions or of a shard's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::checks) struct Tally {
    /// What reading the recordings gave a person to know.
    pub(super) notes: Vec<String>,
    /// The directions for which the manifest names a recording.
    pub(super) recorded: Vec<Direction>,
    /// Each recording in each of its directions, in the order in which they were replayed.
    pub(in crate::checks) chapters: Vec<Chapter>,
}

/// One recording in one direction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::checks) struct Chapter {
    /// The recording's place in the manifest.
    pub(super) number: usize,
    /// Its name there.
    pub(super) recording: String,
    pub(super) digest: String,
    pub(super) direction: Direction,
    /// What of it can't be sent.
    pub(super) withheld: Option<String>,
    pub(super) ledger: Ledger,
    /// What became of a control's process first.
    pub(super) control: Option<Death>,
    /// What the controls logged, by service and place: it is no news in a mixed cell.
    pub(super) known_logs: BTreeSet<(String, String)>,
    /// Mixed servers that ended where their twins went on.
    pub(super) halves: BTreeSet<String>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) processes: Vec<ProcessCandidate>,
    /// What kept candidates from being tried as often as they should be.
    pub(super) cut: Option<String>,
}

/// Something that a rule said of exchanges, and how that went when their sessions ran again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Candidate {
    pub(super) key: Key,
    /// The worst that it said.
    pub(super) severity: Severity,
    /// How many exchanges show it.
    pub(super) count: u64,
    /// The first of those that show the worst: where one is noise by chance, another may show it still.
    pub(super) trials: Vec<Tried>,
}

/// An exchange that shows a candidate, tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tried {
    pub(super) replay: Replay,
    /// In how many further runs the mixed cell showed it.
    pub(super) mixed: u32,
    /// In how many further runs the control did.
    pub(super) control: u32,
    /// Further runs showed that the place is noise.
    pub(super) noisy: bool,
    pub(super) message: Option<String>,
    pub(super) evidence: Option<Evidence>,
}

/// As many exchanges of a candidate are tried again.
pub(super) const MOST_SHOWN: usize = 3;

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Death {
    /// The number of the call that ended it; the highest where that was none of those that others followed.
    pub(super) after: u64,
    pub(super) how: String,
}

/// What a process did that its control didn't, and in how many further runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ProcessCandidate {
    pub(super) service: String,
    pub(super) rule: String,
    pub(super) severity: Severity,
    pub(super) at: String,
    pub(super) message: String,
    /// The number of the call after which this was found first, as a [`Death`] has it.
    pub(super) after: u64,
    pub(super) seen: u32,
}

impl Tally {
    /// The tally of the run of which these are the shards'.
    pub(in crate::checks) fn join(tallies: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        let mut chapters = BTreeMap::<(usize, Direction), Chapter>::new();
        for tally in tallies {
            let news: Vec<String> = tally.notes.into_iter().filter(|note| !whole.notes.contains(note)).collect();
            whole.notes.extend(news);
            let news: Vec<Direction> =
                tally.recorded.into_iter().filter(|recorded| !whole.recorded.contains(recorded)).collect();
            whole.recorded.extend(news);
            for chapter in tally.chapters {
                let key = (chapter.number, chapter.direction);
                match chapters.remove(&key) {
                    Some(known) => chapters.insert(key, known.with(chapter)),
                    None => chapters.insert(key, chapter),
                };
            }
        }
        whole.chapters = chapters.into_values().collect();
        whole
    }
}

impl Chapter {
    /// What both say: of other exchanges, and of the same processes.
    fn with(mut self, other: Self) -> Self {
        self.ledger.add(other.ledger);
        self.control = self.control.into_iter().chain(other.control).min();
        self.cut = self.cut.or(other.cut);
        let mut candidates: BTreeMap<Key, Candidate> =
            self.candidates.into_iter().map(|candidate| (candidate.key.clone(), candidate)).collect();
        for candidate in other.candidates {
            match candidates.get_mut(&candidate.key) {
                Some(known) => known.add(candidate),
                None => {
                    candidates.insert(candidate.key.clone(), candidate);
                }
            }
        }
        self.candidates = candidates.into_values().collect();
        // An unsafe call goes out in all shards, and what it does to a process is seen in all.
        for process in other.processes {
            match self.processes.iter_mut().find(|known| known.is_same(&process)) {
                Some(known) => known.add(process),
                None => self.processes.push(process),
            }
        }
        self.known_logs.extend(other.known_logs);
        self.halves.extend(other.halves);
        self.sort_out_processes();
        self
    }

    /// Leaves out what the controls log too, and puts the rest in order.
    pub(super) fn sort_out_processes(&mut self) {
        let known = &self.known_logs;
        self.processes.retain(|process| !known.contains(&(process.service.clone(), process.at.clone())));
        self.processes.sort_by(|a, b| a.order().cmp(&b.order()));
    }
}

impl Candidate {
    /// What other exchanges show of the same; the worst of both counts, and the first exchanges that show it.
    fn add(&mut self, other: Self) {
        self.count += other.count;
        if other.severity < self.severity {
            return;
        }
        if other.severity > self.severity {
            self.severity = other.severity;
            self.trials.clear();
        }
        self.trials.extend(other.trials);
        self.trials.sort_by_key(|tried| tried.replay.exchange);
        self.trials.truncate(MOST_SHOWN);
    }
}

impl ProcessCandidate {
    /// What another shard saw of the same: what came first is told.
    fn add(&mut self, other: Self) {
        let seen = self.seen.max(other.seen);
        if other.after < self.after {
            *self = other;
        }
        self.seen = seen;
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.order() == other.order()
    }

    /// Processes are told in this order.
    fn order(&self) -> (&str, &str, &str) {
        (&self.service, &self.rule, &self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(severity: Severity, exchanges: &[u64]) -> Candidate {
        let tried = |exchange: &u64| Tried {
            replay: Replay { recording: String::new(), digest: String::new(), session: 0, exchange: *exchange },
            mixed: 0,
            control: 0,
            noisy: false,
            message: None,
            evidence: None,
        };
        let (subject, rule, at) = ("GET /a".to_owned(), "http/fault".to_owned(), "reply".to_owned());
        let key = Key { subject, direction: Direction::OLD_TO_NEW, rule, at };
        let trials = exchanges.iter().take(MOST_SHOWN).map(tried).collect();
        Candidate { key, severity, count: exchanges.len() as u64, trials }
    }

    /// What two shards saw, put together in both orders.
    #[track_caller]
    fn check(one: (Severity, &[u64]), other: (Severity, &[u64]), severity: Severity, count: u64, shown: &[u64]) {
        for (first, second) in [(one, other), (other, one)] {
            let mut both = candidate(first.0, first.1);
            both.add(candidate(second.0, second.1));
            let exchanges: Vec<u64> = both.trials.iter().map(|tried| tried.replay.exchange).collect();
            assert_eq!((both.severity, both.count, exchanges.as_slice()), (severity, count, shown));
        }
    }

    #[test]
    fn the_first_exchanges_of_all_shards_are_those_of_the_run() {
        use Severity::{Breaking, Risk};
        check((Risk, &[1, 4, 9, 12]), (Risk, &[2, 3, 20]), Risk, 7, &[1, 2, 3]);
        check((Risk, &[1, 2]), (Breaking, &[7]), Breaking, 3, &[7]);
        check((Breaking, &[5]), (Breaking, &[]), Breaking, 1, &[5]);
    }

    #[test]
    fn what_a_control_of_another_shard_logs_is_no_news() {
        let process = |at: &str, after| ProcessCandidate {
            service: "s".to_owned(),
            rule: "process/logged-panic".to_owned(),
            severity: Severity::Breaking,
            at: at.to_owned(),
            message: format!("after {after}"),
            after,
            seen: 3,
        };
        let chapter = |processes: Vec<ProcessCandidate>, known: &[&str]| Chapter {
            number: 0,
            recording: "a.har".to_owned(),
            digest: "d".to_owned(),
            direction: Direction::OLD_TO_NEW,
            withheld: None,
            ledger: Ledger::default(),
            control: None,
            known_logs: known.iter().map(|at| ("s".to_owned(), (*at).to_owned())).collect(),
            halves: BTreeSet::new(),
            candidates: Vec::new(),
            processes,
            cut: None,
        };
        let tally = |chapter| Tally { chapters: vec![chapter], ..Tally::default() };
        let one = tally(chapter(vec![process("log 1", 9), process("log 2", 9)], &[]));
        let other = tally(chapter(vec![process("log 1", 4)], &["log 2"]));
        let joined = Tally::join([one, other]);
        assert_eq!(joined.chapters[0].processes, [process("log 1", 4)]);
    }
}
