//! Files to a heap of calls and replies, in the order in which they come.

use std::path::{Path, PathBuf};

use super::pair::Pairing;
use crate::model::{Body, Call, Reply, Via};
use crate::traffic::input::{Input, Kind};
use crate::traffic::lines::Lines;
use crate::traffic::notes::Notes;
use crate::traffic::spool::{Decoder, Encoder, Journal, Scratch, Span, Spool};
use crate::traffic::{TrafficError, gor, har};

/// As many places that traffic went to are told apart in a file.
const ORIGINS: usize = 1_000;

/// What was read, on disk.
pub(super) struct Gathered {
    /// Calls and replies.
    pub(super) heap: Spool,
    /// Where they are, and what else is known of them.
    pub(super) arrivals: Journal,
    pub(super) files: Vec<Facts>,
    pub(super) notes: Notes,
    /// The greatest place in the order of what came.
    came: u64,
    /// The digest of the last file.
    pub(super) digest: String,
}

/// What is known of a file once it has been read.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) path: PathBuf,
    /// Exchanges whose time is not known.
    pub(super) untimed: u64,
    /// Times count from its own first call, and say nothing of other files.
    pub(super) relative: bool,
    /// Credentials were taken out of it.
    pub(super) redacted: bool,
    /// Where its calls went, with how many there are of each.
    pub(super) origins: Vec<(String, u64)>,
    /// Calls to still other places.
    pub(super) elsewhere: u64,
    /// Replies of which the body is known, and all replies that may have one.
    pub(super) bodies: (u64, u64),
}

/// An exchange, as it came.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arrival {
    pub(super) file: u32,
    /// Nanoseconds, since 1970 or since the file's first call.
    pub(super) time: Option<i64>,
    /// The number of the place where it went, of its file.
    pub(super) origin: u32,
    /// A hash of the connection's name, where that tells one user from another.
    pub(super) connection: u64,
    /// A hash of its session's name, where that was found before.
    pub(super) session: u64,
    /// Grows from one to the next, over all files: in the order in which calls began, where a file says it.
    pub(super) came: u64,
    pub(super) call: Span,
    /// Empty where there is none.
    pub(super) reply: Span,
}

/// Reads all files, one after the other.
pub(super) fn files(paths: &[PathBuf], place: &Scratch) -> Result<Gathered, TrafficError> {
    let mut gathered = Gathered {
        heap: Spool::new(place),
        arrivals: Journal::new(place),
        files: Vec::new(),
        notes: Notes::default(),
        came: 0,
        digest: String::new(),
    };
    let mut pairing = Pairing::new(place);
    for path in paths {
        gathered.file(path, &mut pairing)?;
    }
    pairing.end(&mut gathered)?;
    for facts in &gathered.files {
        if facts.bodies.1 > 0 && facts.bodies.0 == 0 {
            gathered.notes.add(
                "no reply has a body: values that replies gave out can't be found, so that calls go out with the ids of the recording; record with bodies (in a browser: `Save all as HAR with content`)".to_owned(),
            );
            break;
        }
    }
    Ok(gathered)
}

impl Gathered {
    fn file(&mut self, path: &Path, pairing: &mut Pairing) -> Result<(), TrafficError> {
        let mut input = Input::open(path)?;
        let kind = input.kind()?;
        self.files.push(Facts { path: path.to_owned(), ..Facts::default() });
        match kind {
            Kind::Ours(header) if header.settled => {
                let reason = "it is a straddle recording already".to_owned();
                return Err(TrafficError::Nothing { path: path.to_owned(), reason, remedy: "use it as it is" });
            }
            Kind::Ours(header) => {
                self.facts().redacted = header.redacted;
                self.ours(path, &mut input)?;
            }
            Kind::Har => self.har(path, &mut input)?,
            Kind::Gor => self.gor(path, &mut input, pairing)?,
        }
        self.digest = input.finish()?;
        Ok(())
    }

    fn har(&mut self, path: &Path, input: &mut Input) -> Result<(), TrafficError> {
        let mut notes = std::mem::take(&mut self.notes);
        let read = har::read(path, input.reader(), &mut notes, &mut |entry| {
            let arrival = Arrival {
                time: entry.started.map(narrow),
                origin: self.facts().origin(&entry.origin),
                connection: entry.connection.as_deref().map_or(0, hash),
                session: entry.session.as_deref().map_or(0, hash),
                came: self.next(),
                ..Arrival::default()
            };
            self.exchange(arrival, &entry.call, &entry.via, entry.reply.as_ref())
        });
        self.notes = notes;
        read
    }

    fn gor(&mut self, path: &Path, input: &mut Input, pairing: &mut Pairing) -> Result<(), TrafficError> {
        let mut notes = std::mem::take(&mut self.notes);
        let file = self.number();
        let read = gor::read(path, input.reader(), &mut notes, &mut |record| {
            let came = self.next();
            pairing.take(Arrival { file, came, ..Arrival::default() }, &record, &mut self.heap)
        });
        self.notes = notes;
        read
    }

    /// A recording of ours in which sessions and bindings have not been looked for: it may end in half a line.
    fn ours(&mut self, path: &Path, input: &mut Input) -> Result<(), TrafficError> {
        self.facts().relative = true;
        let before = self.came;
        let mut lines = Lines::new(path, input.reader());
        lines.next_filled()?;
        while lines.next_filled()? {
            let exchange = match lines.parsed() {
                Ok(exchange) => exchange,
                Err(_) if lines.is_half() => {
                    let number = lines.number();
                    self.notes.add(format!("line {number} is left out: the file was cut off within it"));
                    break;
                }
                Err(error) => return Err(error),
            };
            // Lines stand in the order in which exchanges ended; many begin in the same millisecond.
            let came = before.saturating_add(exchange.index).saturating_add(1);
            self.came = self.came.max(came);
            let arrival = Arrival {
                time: Some(i64::try_from(exchange.offset_ms).unwrap_or(i64::MAX).saturating_mul(1_000_000)),
                origin: self.facts().origin(""),
                connection: exchange.via.connection.as_deref().map_or(0, hash),
                came,
                ..Arrival::default()
            };
            self.exchange(arrival, &exchange.call, &exchange.via, exchange.reply.as_ref())?;
        }
        if self.facts().origins.is_empty() {
            let reason = "there is no exchange in it".to_owned();
            return Err(TrafficError::Nothing { path: path.to_owned(), reason, remedy: "record some traffic first" });
        }
        Ok(())
    }

    fn exchange(
        &mut self,
        mut arrival: Arrival,
        call: &Call,
        via: &Via,
        reply: Option<&Reply>,
    ) -> Result<(), TrafficError> {
        arrival.file = self.number();
        let mut encoder = Encoder::default();
        encoder.call(call, via);
        arrival.call = self.heap.append(&encoder.0)?;
        if let Some(reply) = reply {
            encoder.clear();
            encoder.reply(reply);
            arrival.reply = self.heap.append(&encoder.0)?;
            self.facts().body(&call.method, reply);
        }
        self.arrive(&arrival)
    }

    /// Notes an exchange of which all is on the heap.
    pub(super) fn arrive(&mut self, arrival: &Arrival) -> Result<(), TrafficError> {
        if let Some(facts) = self.files.get_mut(arrival.file as usize) {
            facts.untimed += u64::from(arrival.time.is_none());
        }
        let mut encoder = Encoder::default();
        arrival.encode(&mut encoder);
        self.arrivals.push(&encoder.0)
    }

    /// The place of one more exchange in the order of a file that has no other.
    fn next(&mut self) -> u64 {
        self.came = self.came.saturating_add(1);
        self.came
    }

    fn number(&self) -> u32 {
        u32::try_from(self.files.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    fn facts(&mut self) -> &mut Facts {
        if self.files.is_empty() {
            self.files.push(Facts::default());
        }
        let last = self.files.len() - 1;
        &mut self.files[last]
    }
}

impl Facts {
    /// The number of a place that a call went to.
    pub(super) fn origin(&mut self, origin: &str) -> u32 {
        let known = self.origins.iter().position(|(known, _)| known == origin);
        let number = match known {
            Some(number) => number,
            None if self.origins.len() < ORIGINS => {
                self.origins.push((origin.to_owned(), 0));
                self.origins.len() - 1
            }
            None => {
                self.elsewhere += 1;
                return u32::MAX;
            }
        };
        self.origins[number].1 += 1;
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    pub(super) fn body(&mut self, method: &str, reply: &Reply) {
        if method != "HEAD" && !matches!(reply.status, 100..=199 | 204 | 300..=399) {
            self.bodies.0 += u64::from(reply.body != Body::Unknown);
            self.bodies.1 += 1;
        }
    }
}

impl Arrival {
    pub(super) fn encode(&self, into: &mut Encoder) {
        into.small(self.file);
        into.byte(u8::from(self.time.is_some()));
        into.number(sortable(self.time.unwrap_or_default()));
        into.small(self.origin);
        into.number(self.connection);
        into.number(self.session);
        into.number(self.came);
        for span in [self.call, self.reply] {
            into.number(span.start);
            into.number(span.length);
        }
    }

    pub(super) fn decode(from: &mut Decoder) -> Self {
        let file = from.small();
        let timed = from.byte() == 1;
        let time = from.number();
        let (origin, connection) = (from.small(), from.number());
        let (session, came) = (from.number(), from.number());
        let mut span = || Span { start: from.number(), length: from.number() };
        let (call, reply) = (span(), span());
        let time = timed.then(|| i64::from_ne_bytes((time ^ (1 << 63)).to_ne_bytes()));
        Self { file, time, origin, connection, session, came, call, reply }
    }
}

/// A time as a number of the same order.
pub(super) fn sortable(time: i64) -> u64 {
    u64::from_ne_bytes(time.to_ne_bytes()) ^ (1 << 63)
}

fn narrow(time: i128) -> i64 {
    i64::try_from(time).unwrap_or(if time < 0 { i64::MIN } else { i64::MAX })
}

/// Never 0, which stands for no name.
fn hash(name: &str) -> u64 {
    crate::traffic::hash(name).max(1)
}
