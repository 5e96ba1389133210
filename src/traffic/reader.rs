//! Reads recordings as streams: memory does not grow with their length.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::format::{ExchangeLine, FORMAT, Header, MAJOR};
use super::needs::Needs;
use super::redaction::Redaction;
use super::{TrafficError, har};
use crate::model::Exchange;
use crate::model::secret::Secrets;

/// The four bytes that every zstd frame begins with (RFC 8878, 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// A line that does not end within as many bytes is not read on: 1 GiB, far above any reply that straddle holds.
const LONGEST: u64 = 1 << 30;

/// A recording that can be read, again and again.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The file's name without its folders: what reports call it.
    pub name: String,
    /// The file's blake3 digest, in hexadecimal.
    pub digest: String,
    sessions: u64,
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
    /// Read line by line.
    File,
    /// Imported from a foreign format, which has to be read whole.
    Memory(Arc<[Exchange]>),
}

impl Recording {
    /// Opens a recording, or imports a HAR file on the fly: its content decides which it is. It is read through once,
    /// so that what is wrong with it is said before anything is built or sent.
    pub fn open(path: &Path) -> Result<Self, TrafficError> {
        if let Some(kind) = foreign(path) {
            return Err(TrafficError::NotInThisRelease { path: path.to_owned(), kind });
        }
        let failed = || TrafficError::io("read", path);
        let mut file = File::open(path).map_err(failed())?;
        let mut hasher = blake3::Hasher::new();
        std::io::copy(&mut file, &mut hasher).map_err(failed())?;
        file.rewind().map_err(failed())?;
        let mut recording = Self {
            name: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
            digest: hasher.finalize().to_hex().to_string(),
            sessions: 0,
            needs: Arc::default(),
            withheld: Arc::default(),
            given: Arc::default(),
            path: path.to_owned(),
            source: Source::File,
            notes: Vec::new(),
        };
        if !recording.has_header()? {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(failed())?;
            let imported = super::import::all([(path, bytes)], Redaction::Off)?;
            recording.notes = imported.notes;
            recording.source = Source::Memory(imported.exchanges.into());
        }
        let (mut sessions, mut needs) = (HashSet::new(), Needs::default());
        for exchange in recording.exchanges()? {
            let exchange = exchange?;
            sessions.insert(exchange.session);
            needs.add(&exchange);
        }
        recording.sessions = sessions.len() as u64;
        recording.needs = needs.end().into();
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

    /// All exchanges in their order. After an error nothing more comes.
    pub fn exchanges(&self) -> Result<Exchanges, TrafficError> {
        let reading = match &self.source {
            Source::Memory(all) => Reading::Memory { all: Arc::clone(all), next: 0 },
            Source::File => {
                let mut lines = Lines::open(&self.path)?;
                lines.next_filled()?;
                Reading::File { lines, last: None, ended: false }
            }
        };
        Ok(Exchanges { reading, withheld: Arc::clone(&self.withheld) })
    }

    /// How many exchanges there are, without looking into them where none is left out.
    pub fn count(&self) -> Result<u64, TrafficError> {
        if !self.withheld.is_empty() {
            return self.exchanges()?.try_fold(0, |count, exchange| exchange.map(|_| count + 1));
        }
        if let Source::Memory(all) = &self.source {
            return Ok(all.len() as u64);
        }
        let mut lines = Lines::open(&self.path)?;
        let mut count = 0_u64;
        while lines.next_filled()? {
            count += 1;
        }
        // The header is no exchange.
        Ok(count.saturating_sub(1))
    }

    /// How many sessions they belong to, those that are left out among them.
    pub fn session_count(&self) -> u64 {
        self.sessions
    }

    /// Whether the first line is our header; an error where it can be neither that nor the beginning of a HAR file.
    fn has_header(&self) -> Result<bool, TrafficError> {
        let path = || self.path.clone();
        let mut lines = Lines::open(&self.path)?;
        if !lines.next_filled()? {
            return Err(TrafficError::Empty { path: path() });
        }
        let Ok(header) = serde_json::from_slice::<Header>(&lines.line) else {
            return if har::may_be(&lines.line) {
                Ok(false)
            } else {
                let reason = match serde_json::from_slice::<serde_json::Value>(&lines.line) {
                    Ok(_) => format!("its first line has no `\"format\":\"{FORMAT}\"`"),
                    Err(_) => "its first line is not JSON".to_owned(),
                };
                Err(TrafficError::NotARecording { path: path(), reason })
            };
        };
        if header.format != FORMAT {
            let reason = format!("its format is `{}`", header.format);
            return Err(TrafficError::NotARecording { path: path(), reason });
        }
        if header.major > MAJOR.into() {
            return Err(TrafficError::Newer { path: path(), major: header.major, known: MAJOR });
        }
        Ok(true)
    }
}

/// Whether the bytes are a recording in our own format.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    let line = bytes.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    bytes.starts_with(&ZSTD) || serde_json::from_slice::<Header>(line).is_ok_and(|header| header.format == FORMAT)
}

/// A format that is known by its name, and not read by this release.
pub(super) fn foreign(path: &Path) -> Option<&'static str> {
    let is = |path: &Path, end: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(end));
    let packed = is(path, "gz").then(|| path.file_stem().map(Path::new)).flatten();
    is(packed.unwrap_or(path), "gor").then_some("GoReplay (.gor)")
}

/// The exchanges of a recording, in their order.
pub struct Exchanges {
    reading: Reading,
    withheld: Arc<HashSet<u64>>,
}

enum Reading {
    Memory { all: Arc<[Exchange]>, next: usize },
    File { lines: Lines, last: Option<u64>, ended: bool },
}

impl Iterator for Exchanges {
    type Item = Result<Exchange, TrafficError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.reading.next()? {
                Ok(exchange) if self.withheld.contains(&exchange.session) => {}
                other => return Some(other),
            }
        }
    }
}

impl Reading {
    fn next(&mut self) -> Option<Result<Exchange, TrafficError>> {
        match self {
            Self::Memory { all, next } => {
                let exchange = all.get(*next)?.clone();
                *next += 1;
                Some(Ok(exchange))
            }
            Self::File { ended: true, .. } => None,
            Self::File { lines, last, ended } => {
                let next = lines.exchange(*last).transpose();
                match &next {
                    Some(Ok(exchange)) => *last = Some(exchange.index),
                    Some(Err(_)) | None => *ended = true,
                }
                next
            }
        }
    }
}

/// A file line by line, decompressed where it is compressed.
struct Lines {
    path: PathBuf,
    input: Box<dyn BufRead + Send>,
    /// The line that was read last, with its line break where it has one.
    line: Vec<u8>,
    number: u64,
}

impl Lines {
    fn open(path: &Path) -> Result<Self, TrafficError> {
        let failed = || TrafficError::io("read", path);
        let mut file = BufReader::new(File::open(path).map_err(failed())?);
        let compressed = file.fill_buf().map_err(failed())?.starts_with(&ZSTD);
        let input: Box<dyn BufRead + Send> = if compressed {
            Box::new(BufReader::new(zstd::stream::read::Decoder::with_buffer(file).map_err(failed())?))
        } else {
            Box::new(file)
        };
        Ok(Self { path: path.to_owned(), input, line: Vec::new(), number: 0 })
    }

    /// Reads on to the next line that holds something.
    fn next_filled(&mut self) -> Result<bool, TrafficError> {
        loop {
            self.line.clear();
            let read = (&mut self.input).take(LONGEST).read_until(b'\n', &mut self.line);
            match read {
                Ok(0) => return Ok(false),
                Ok(_) => self.number += 1,
                Err(source) => {
                    return Err(TrafficError::Line {
                        path: self.path.clone(),
                        line: self.number + 1,
                        reason: format!("can't be read: {source}"),
                        remedy: "the file is damaged or was cut off: record or import it again",
                    });
                }
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn exchange(&mut self, last: Option<u64>) -> Result<Option<Exchange>, TrafficError> {
        if !self.next_filled()? {
            return Ok(None);
        }
        let wrong = |reason, remedy| TrafficError::Line { path: self.path.clone(), line: self.number, reason, remedy };
        let line: ExchangeLine = serde_json::from_slice(&self.line).map_err(|error| {
            if error.is_eof() || (error.is_syntax() && !self.line.ends_with(b"\n")) {
                return wrong(
                    "ends in the middle of an exchange".to_owned(),
                    "the file was cut off: remove this line, or record or import it again",
                );
            }
            wrong(
                format!("not an exchange: {error}"),
                "mend the line by `straddle schema recording`, or import it again",
            )
        })?;
        let exchange = Exchange::from(line);
        let index = exchange.index;
        if let Some(last) = last.filter(|last| index <= *last) {
            let reason = if last == index {
                format!("exchange {index} stands twice")
            } else {
                format!("exchange {index} comes after exchange {last}")
            };
            return Err(wrong(reason, "order the lines by `index`, each of which stands once"));
        }
        for binding in &exchange.bindings {
            if let Some(from) = binding.from.iter().find(|from| from.exchange >= index) {
                let reason =
                    format!("`{}` is bound to exchange {}, which is not an earlier one", binding.at, from.exchange);
                return Err(wrong(reason, "bind it to a reply that came before, or remove the binding"));
            }
        }
        Ok(Some(exchange))
    }
}
