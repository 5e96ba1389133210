//! Exchanges in the order of their times, without those that went elsewhere.
//!
//! Where every exchange of every file has a time that counts from 1970, all are put in one order. Else the files stand one
//! after the other, each in the order of its times, or in its own where not every exchange has one.

use bytes::Bytes;

use super::gather::{Arrival, Gathered, sortable};
use crate::model::{Call, Reply, Via};
use crate::traffic::TrafficError;
use crate::traffic::notes::Notes;
use crate::traffic::redaction::Redactor;
use crate::traffic::spool::{Decoder, Encoder, Runs, Scratch, Sorted, Sorter, Spool};

/// What a row is sorted by: its file, its time, and when it came.
const KEY: usize = 4 + 8 + 8;

/// Exchanges in their order, on disk.
pub(in crate::traffic) struct Ordered {
    heap: Spool,
    rows: Runs,
    count: u32,
    pub(in crate::traffic) notes: Notes,
    /// All in one order, whatever their file.
    merged: bool,
    /// Credentials were taken out of all files before.
    pub(super) redacted: bool,
}

/// An exchange in its order.
#[derive(Debug, Clone, Copy)]
pub(in crate::traffic) struct Row {
    /// Its number in the recording.
    pub(in crate::traffic) number: u32,
    pub(in crate::traffic) file: u32,
    /// A hash of its connection's name; 0 where there is none that tells one user from another.
    pub(in crate::traffic) connection: u64,
    /// A hash of its session's name; 0 where that is not known.
    pub(in crate::traffic) session: u64,
    arrival: Arrival,
}

impl Row {
    fn of(number: u32, arrival: Arrival) -> Self {
        let Arrival { file, connection, session, .. } = arrival;
        Self { number, file, connection, session, arrival }
    }
}

impl Ordered {
    /// Sorts what was gathered.
    pub(super) fn of(gathered: Gathered) -> Result<Self, TrafficError> {
        let Gathered { heap, arrivals, files, mut notes, .. } = gathered;
        let merged =
            files.iter().all(|file| file.untimed == 0) && (files.len() == 1 || !files.iter().any(|file| file.relative));
        let redacted = files.iter().all(|file| file.redacted);
        let mut mains = Vec::new();
        for file in &files {
            mains.push(main_origin(&file.origins, file.elsewhere, &mut notes));
            if file.untimed > 0 {
                notes.add("not every entry has a time that can be read: the order is the file's".to_owned());
            }
        }
        let mut sorter = Sorter::new(heap.place());
        let mut reading = arrivals.read();
        let mut count = 0_u32;
        let mut encoder = Encoder::default();
        while let Some(record) = reading.next()? {
            let arrival = Arrival::decode(&mut Decoder(Bytes::copy_from_slice(record)));
            let file = arrival.file as usize;
            if mains.get(file) != Some(&arrival.origin) {
                continue;
            }
            count = count
                .checked_add(1)
                .filter(|count| *count < u32::MAX)
                .ok_or(TrafficError::TooMany { most: u32::MAX })?;
            let timed = files[file].untimed == 0;
            encoder.clear();
            encoder.small(if merged { 0 } else { arrival.file });
            encoder.number(if timed { sortable(arrival.time.unwrap_or_default()) } else { 0 });
            encoder.number(arrival.came);
            arrival.encode(&mut encoder);
            sorter.push(&encoder.0)?;
        }
        if count == 0 {
            return Err(TrafficError::Nothing {
                path: files.first().map(|file| file.path.clone()).unwrap_or_default(),
                reason: "there is no request in it".to_owned(),
                remedy: "import it together with the file that has the requests",
            });
        }
        Ok(Self { heap, rows: sorter.finish()?, count, notes, merged, redacted })
    }

    /// The same without credentials: all exchanges are read twice, so that one is known before the exchange that gives it
    /// away, too.
    pub(super) fn redacted(mut self, mut redactor: Redactor) -> Result<Self, TrafficError> {
        let mut rows = self.rows()?;
        let mut shown = Vec::with_capacity(self.count as usize);
        while let Some(row) = rows.next()? {
            shown.push(redactor.learn(&self.call(&row)?.0, self.reply(&row)?.as_ref()));
        }
        drop(rows);
        redactor.notes().into_iter().for_each(|note| self.notes.add(note));
        if redactor.count() == 0 {
            return Ok(self);
        }
        let Self { mut heap, rows, .. } = self;
        let mut sorter = Sorter::new(heap.place());
        let mut reading = rows.read()?;
        let mut encoder = Encoder::default();
        for shown in shown {
            let Some(record) = reading.next()? else { break };
            let (key, arrival) = record.split_at(KEY.min(record.len()));
            let mut arrival = Arrival::decode(&mut Decoder(Bytes::copy_from_slice(arrival)));
            let (call_was, reply_was) = (heap.read(arrival.call)?, heap.read(arrival.reply)?);
            let (mut call, via) = Decoder(call_was.clone()).call();
            let mut reply = (!reply_was.is_empty()).then(|| Decoder(reply_was.clone()).reply());
            redactor.apply(&mut call, reply.as_mut(), shown);
            // Most of it is what it was, and stays where it is.
            encoder.clear();
            encoder.call(&call, &via);
            if encoder.0 != call_was {
                arrival.call = heap.append(&encoder.0)?;
            }
            encoder.clear();
            if let Some(reply) = &reply {
                encoder.reply(reply);
            }
            if encoder.0 != reply_was {
                arrival.reply = heap.append(&encoder.0)?;
            }
            encoder.clear();
            encoder.0.extend_from_slice(key);
            arrival.encode(&mut encoder);
            sorter.push(&encoder.0)?;
        }
        drop(reading);
        Ok(Self { heap, rows: sorter.finish()?, ..self })
    }

    /// How many there are.
    pub(in crate::traffic) fn count(&self) -> u32 {
        self.count
    }

    /// Where a pass may keep what it finds.
    pub(in crate::traffic) fn place(&self) -> &Scratch {
        self.heap.place()
    }

    /// All of them, from the first.
    pub(in crate::traffic) fn rows(&self) -> Result<Rows<'_>, TrafficError> {
        Ok(Rows { sorted: self.rows.read()?, next: 0 })
    }

    /// An exchange's call.
    pub(in crate::traffic) fn call(&self, row: &Row) -> Result<(Call, Via), TrafficError> {
        Ok(Decoder(self.heap.read(row.arrival.call)?).call())
    }

    /// An exchange's reply, where it has one.
    pub(in crate::traffic) fn reply(&self, row: &Row) -> Result<Option<Reply>, TrafficError> {
        if row.arrival.reply.length == 0 {
            return Ok(None);
        }
        Ok(Some(Decoder(self.heap.read(row.arrival.reply)?).reply()))
    }

    /// A clock that gives each row's offset, when it is asked for all of them in their order.
    pub(super) fn clock(&self) -> Clock {
        Clock { merged: self.merged, file: None, begin: None, base: 0, last: 0 }
    }
}

/// Rows on their way out.
pub(in crate::traffic) struct Rows<'o> {
    sorted: Sorted<'o>,
    next: u32,
}

impl Rows<'_> {
    /// The next exchange.
    pub(in crate::traffic) fn next(&mut self) -> Result<Option<Row>, TrafficError> {
        let Some(record) = self.sorted.next()? else { return Ok(None) };
        let arrival = Arrival::decode(&mut Decoder(Bytes::copy_from_slice(record.get(KEY..).unwrap_or_default())));
        let number = self.next;
        self.next += 1;
        Ok(Some(Row::of(number, arrival)))
    }
}

/// Milliseconds since the first call.
pub(super) struct Clock {
    merged: bool,
    file: Option<u32>,
    begin: Option<i64>,
    /// Where the last file ended.
    base: u64,
    last: u64,
}

impl Clock {
    pub(super) fn offset(&mut self, row: &Row) -> u64 {
        if self.file.is_none() || (!self.merged && self.file != Some(row.file)) {
            self.file = Some(row.file);
            self.begin = row.arrival.time;
            self.base = self.last;
        }
        let since = row.arrival.time.zip(self.begin).map_or(0, |(at, begin)| at.saturating_sub(begin) / 1_000_000);
        self.last = self.base + u64::try_from(since).unwrap_or_default();
        self.last
    }
}

/// The number of the place where most calls of a file went: of equals the first.
fn main_origin(origins: &[(String, u64)], elsewhere: u64, notes: &mut Notes) -> u32 {
    let main = origins.iter().enumerate().rev().max_by_key(|(_, (_, count))| *count).map(|(number, _)| number);
    let Some(main) = main else { return 0 };
    let name = &origins[main].0;
    for (number, (origin, count)) in origins.iter().enumerate() {
        if number != main {
            notes.add(format!("{count} entries of {origin} are left out: the recording is of {name}"));
        }
    }
    if elsewhere > 0 {
        notes.add(format!("{elsewhere} entries of still other places are left out: the recording is of {name}"));
    }
    u32::try_from(main).unwrap_or_default()
}

#[cfg(test)]
impl Ordered {
    /// One file, read and ordered.
    pub(in crate::traffic) fn read(path: &std::path::Path) -> Result<Self, TrafficError> {
        Self::of(super::gather::files(&[path.to_owned()], &Scratch::of_the_system())?)
    }

    /// All exchanges, with their sessions and bindings.
    pub(in crate::traffic) fn settled(&self) -> Vec<crate::model::Exchange> {
        let mut all = Vec::new();
        let take = &mut |exchange: &crate::model::Exchange| {
            all.push(exchange.clone());
            Ok(())
        };
        super::settle::each(self, take).unwrap_or_else(|e| panic!("{e}"));
        all
    }

    /// Exchanges that are in order, each with its file and its connection.
    pub(in crate::traffic) fn made(all: &[(Call, Option<Reply>, usize, Option<&str>)]) -> Self {
        let place = Scratch::of_the_system();
        let mut heap = Spool::new(&place);
        let mut sorter = Sorter::new(&place);
        for (number, (call, reply, file, connection)) in all.iter().enumerate() {
            let mut encoder = Encoder::default();
            encoder.call(call, &Via::default());
            let call = heap.append(&encoder.0).unwrap_or_else(|e| panic!("{e}"));
            encoder.clear();
            if let Some(reply) = reply {
                encoder.reply(reply);
            }
            let reply = heap.append(&encoder.0).unwrap_or_else(|e| panic!("{e}"));
            let connection = connection.map_or(0, crate::traffic::hash);
            let arrival = Arrival {
                file: u32::try_from(*file).unwrap_or_default(),
                call,
                reply,
                connection,
                ..Arrival::default()
            };
            encoder.clear();
            encoder.small(0);
            encoder.number(0);
            encoder.number(number as u64);
            arrival.encode(&mut encoder);
            sorter.push(&encoder.0).unwrap_or_else(|e| panic!("{e}"));
        }
        let rows = sorter.finish().unwrap_or_else(|e| panic!("{e}"));
        Self {
            heap,
            rows,
            count: u32::try_from(all.len()).unwrap_or_default(),
            notes: Notes::default(),
            merged: true,
            redacted: false,
        }
    }
}
