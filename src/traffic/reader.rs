//! Reads recordings as streams: memory does not grow with their length.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::input::{Input, Kind, Watch};
use super::lines::Lines;
use super::needs::Needs;
use super::{TrafficError, import};
use crate::model::Exchange;
use crate::model::secret::Secrets;

/// As much of a temporary file is read at once.
const BLOCK: usize = 64 << 10;

/// A recording that can be read, again and again.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The file's name without its folders: what reports call it.
    pub name: String,
    /// The file's blake3 digest, in hexadecimal.
    pub digest: String,
    sessions: u64,
    /// Exchanges of all sessions.
    count: u64,
    /// By session the secrets that were taken out of its calls, and that no reply gives.
    needs: Arc<BTreeMap<u64, BTreeSet<String>>>,
    /// Sessions that can't be sent, since nobody gives theirs.
    withheld: Arc<HashSet<u64>>,
    /// The secrets that are there.
    given: Arc<BTreeSet<String>>,
    path: PathBuf,
    source: Source,
    notes: Vec<String>,
}

#[derive(Debug, Clone)]
enum Source {
    /// The named file itself, which has to stay as it was.
    Named(Watch),
    /// What was imported from it: a file without a name, which vanishes with the last who holds it.
    Imported(Arc<File>),
}

impl Recording {
    /// Opens a recording, or imports another format on the fly: its content decides which it is. It is read through once,
    /// so that what is wrong with it is said before anything is built or sent.
    pub fn open(path: &Path) -> Result<Self, TrafficError> {
        let mut recording = Self {
            name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            digest: String::new(),
            sessions: 0,
            count: 0,
            needs: Arc::default(),
            withheld: Arc::default(),
            given: Arc::default(),
            path: path.to_owned(),
            source: Source::Named(Watch::of_nothing(path)),
            notes: Vec::new(),
        };
        let mut input = Input::open(path)?;
        let mut seen = Seen::default();
        if matches!(input.kind()?, Kind::Ours(header) if header.settled) {
            let mut lines = Lines::new(path, input.reader());
            lines.next_filled()?;
            let mut last = None;
            while let Some(exchange) = lines.exchange(last)? {
                last = Some(exchange.index);
                seen.take(&exchange);
            }
            recording.source = Source::Named(input.watch().clone());
            recording.digest = input.finish()?;
        } else {
            drop(input);
            let (file, imported, digest) = import::on_the_fly(path)?;
            recording.notes = imported.notes;
            recording.digest = digest;
            recording.source = Source::Imported(Arc::new(file));
            for exchange in recording.exchanges()? {
                seen.take(&exchange?);
            }
        }
        recording.sessions = seen.sessions.count();
        recording.count = seen.count;
        recording.needs = seen.needs.end().into();
        recording.withheld = recording.needs.keys().copied().collect::<HashSet<u64>>().into();
        Ok(recording)
    }

    /// What a person should know about how it was read: entries of a HAR file that were left out, and why.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The same recording with all sessions that can be sent with these secrets.
    #[must_use]
    pub fn given(mut self, secrets: &Secrets) -> Self {
        let lacks = |(_, keys): &(&u64, &BTreeSet<String>)| keys.iter().any(|key| secrets.get(key).is_none());
        let lacking: HashSet<u64> = self.needs.iter().filter(lacks).map(|(session, _)| *session).collect();
        self.given = Arc::new(secrets.iter().map(|(key, _)| key.to_owned()).collect());
        self.withheld = lacking.into();
        self
    }

    /// The secrets for want of which sessions are left out: `password#1`.
    pub fn wanted(&self) -> BTreeSet<String> {
        let needs = self.needs.iter().filter(|(session, _)| self.withheld.contains(session));
        needs.flat_map(|(_, keys)| keys).filter(|key| !self.given.contains(*key)).cloned().collect()
    }

    /// How many sessions are left out of all that follows: their calls hold `{secret:NAME#n}`, for which nobody gives a value,
    /// and which would be wrong as it stands.
    pub fn withheld(&self) -> u64 {
        self.withheld.len() as u64
    }

    /// All exchanges in their order. After an error nothing more comes; the last of all errors is that the file is not
    /// what it was when it was opened.
    pub fn exchanges(&self) -> Result<Exchanges, TrafficError> {
        self.read(Arc::clone(&self.withheld))
    }

    /// The same with nothing left out.
    pub(super) fn everything(&self) -> Result<Exchanges, TrafficError> {
        self.read(Arc::default())
    }

    fn read(&self, withheld: Arc<HashSet<u64>>) -> Result<Exchanges, TrafficError> {
        let (input, watch): (Box<dyn BufRead + Send>, _) = match &self.source {
            Source::Imported(file) => {
                let from = Positioned { file: Arc::clone(file), at: 0 };
                (Box::new(BufReader::with_capacity(BLOCK, from)), None)
            }
            Source::Named(watch) => {
                let file = File::open(&self.path).map_err(TrafficError::io("read", &self.path))?;
                let unpacked = super::input::unpacked(file).map_err(TrafficError::io("read", &self.path))?;
                (Box::new(BufReader::with_capacity(BLOCK, unpacked)), Some(watch.clone()))
            }
        };
        let mut lines = Lines::new(&self.path, input);
        lines.next_filled()?;
        Ok(Exchanges { lines, last: None, ended: false, watch, withheld })
    }

    /// How many exchanges there are, without looking into them where none is left out.
    pub fn count(&self) -> Result<u64, TrafficError> {
        if self.withheld.is_empty() {
            return Ok(self.count);
        }
        self.exchanges()?.try_fold(0, |count, exchange| exchange.map(|_| count + 1))
    }

    /// How many sessions they belong to, those that are left out among them.
    pub fn session_count(&self) -> u64 {
        self.sessions
    }
}

/// What reading a recording through has shown.
#[derive(Default)]
struct Seen {
    count: u64,
    sessions: Numbers,
    needs: Needs,
}

impl Seen {
    fn take(&mut self, exchange: &Exchange) {
        self.count += 1;
        self.sessions.insert(exchange.session);
        self.needs.add(exchange);
    }
}

/// A set of numbers, small where they are: a bit each up to a bound, above which people number by hand.
#[derive(Default)]
struct Numbers {
    small: Vec<u64>,
    others: HashSet<u64>,
}

impl Numbers {
    /// Sixteen MiB of bits.
    const SMALL: u64 = 1 << 27;

    fn insert(&mut self, number: u64) {
        if number >= Self::SMALL {
            self.others.insert(number);
            return;
        }
        let word = usize::try_from(number / 64).unwrap_or_default();
        if self.small.len() <= word {
            self.small.resize(word + 1, 0);
        }
        self.small[word] |= 1 << (number % 64);
    }

    fn count(&self) -> u64 {
        self.small.iter().map(|word| u64::from(word.count_ones())).sum::<u64>() + self.others.len() as u64
    }
}

/// A file that several read at once, each at a place of its own.
struct Positioned {
    file: Arc<File>,
    at: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read_at(buffer, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}

/// The exchanges of a recording, in their order.
pub struct Exchanges {
    lines: Lines<Box<dyn BufRead + Send>>,
    last: Option<u64>,
    ended: bool,
    watch: Option<Watch>,
    withheld: Arc<HashSet<u64>>,
}

impl Iterator for Exchanges {
    type Item = Result<Exchange, TrafficError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read()? {
                Ok(exchange) if self.withheld.contains(&exchange.session) => {}
                other => return Some(other),
            }
        }
    }
}

impl Exchanges {
    fn read(&mut self) -> Option<Result<Exchange, TrafficError>> {
        if self.ended {
            return None;
        }
        let next = self.lines.exchange(self.last).transpose();
        if let Some(Ok(exchange)) = &next {
            self.last = Some(exchange.index);
            return next;
        }
        self.ended = true;
        // That the file changed says more than that it makes no sense now.
        match self.watch.as_ref().map(Watch::end) {
            Some(Err(changed)) => Some(Err(changed)),
            _ => next,
        }
    }
}
