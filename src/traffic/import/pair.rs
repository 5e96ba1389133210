//! Calls and replies that come apart, by the word that they have in common.
//!
//! They may stand far from each other, or in different files: so they are sorted by a hash of that word. Where it stands
//! more than once, the first call has the first reply.

use std::collections::VecDeque;

use super::gather::{Arrival, Gathered};
use crate::model::Body;
use crate::traffic::TrafficError;
use crate::traffic::gor::{Half, Record};
use crate::traffic::spool::{Decoder, Encoder, Scratch, Sorter, Span, Spool};

/// Calls and replies, waiting for each other.
pub(super) struct Pairing {
    halves: Sorter,
    count: u64,
}

const CALL: u8 = 0;
const REPLY: u8 = 1;

/// What is left once all have been paired.
#[derive(Default)]
struct Left {
    calls: u64,
    replies: u64,
    upgrades: u64,
}

impl Pairing {
    pub(super) fn new(place: &Scratch) -> Self {
        Self { halves: Sorter::new(place), count: 0 }
    }

    /// Takes one.
    pub(super) fn take(&mut self, half: Arrival, record: &Record, heap: &mut Spool) -> Result<(), TrafficError> {
        let mut encoder = Encoder::default();
        let (role, flag) = match &record.half {
            Half::Call(call, via) => {
                encoder.call(call, via);
                (CALL, call.method == "HEAD")
            }
            Half::Reply(reply, cut) => {
                encoder.reply(reply);
                (REPLY, *cut)
            }
        };
        let upgrade = matches!(&record.half, Half::Reply(reply, _) if reply.status == 101);
        let span = heap.append(&encoder.0)?;
        encoder.clear();
        encoder.number(crate::traffic::hash(&record.id));
        encoder.byte(role);
        encoder.number(half.came);
        encoder.byte(u8::from(flag));
        encoder.byte(u8::from(upgrade));
        Arrival { time: record.at, call: span, ..half }.encode(&mut encoder);
        self.count += 1;
        self.halves.push(&encoder.0)
    }

    /// Hands over all exchanges, with replies where there are any.
    pub(super) fn end(self, to: &mut Gathered) -> Result<(), TrafficError> {
        if self.count == 0 {
            return Ok(());
        }
        let halves = self.halves.finish()?;
        let mut sorted = halves.read()?;
        let mut left = Left::default();
        let mut id = None;
        let mut waiting: VecDeque<(bool, Arrival)> = VecDeque::new();
        while let Some(record) = sorted.next()? {
            let mut decoder = Decoder(record.to_vec().into());
            let this = decoder.number();
            let role = decoder.byte();
            decoder.number();
            let (flag, upgrade) = (decoder.byte() == 1, decoder.byte() == 1);
            let half = Arrival::decode(&mut decoder);
            if id != Some(this) {
                id = Some(this);
                left.without(&mut waiting, to)?;
            }
            if role == CALL {
                waiting.push_back((flag, half));
                continue;
            }
            let Some((head, call)) = waiting.pop_front() else {
                left.replies += 1;
                continue;
            };
            if upgrade {
                left.upgrades += 1;
                continue;
            }
            let reply = if head && flag { bodiless(&mut to.heap, half.call)? } else { half.call };
            to.paired(Arrival { reply, ..call })?;
        }
        left.without(&mut waiting, to)?;
        left.tell(to);
        Ok(())
    }
}

/// A reply to HEAD has no body, whatever its head says.
fn bodiless(heap: &mut Spool, span: Span) -> Result<Span, TrafficError> {
    let mut reply = Decoder(heap.read(span)?).reply();
    reply.body = Body::Empty;
    let mut encoder = Encoder::default();
    encoder.reply(&reply);
    heap.append(&encoder.0)
}

impl Gathered {
    fn paired(&mut self, arrival: Arrival) -> Result<(), TrafficError> {
        let facts = &mut self.files[arrival.file as usize];
        let origin = facts.origin("");
        if arrival.reply.length > 0 {
            facts.bodies = (facts.bodies.0 + 1, facts.bodies.1 + 1);
        }
        self.arrive(&Arrival { origin, ..arrival })
    }
}

impl Left {
    /// Calls for which no reply came.
    fn without(&mut self, waiting: &mut VecDeque<(bool, Arrival)>, to: &mut Gathered) -> Result<(), TrafficError> {
        for (_, call) in waiting.drain(..) {
            self.calls += 1;
            to.paired(call)?;
        }
        Ok(())
    }

    fn tell(&self, to: &mut Gathered) {
        let counted = |count: u64, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {many}"),
        };
        if self.calls > 0 {
            to.notes.add(format!("{} without a reply", counted(self.calls, "request is", "requests are")));
        }
        if self.replies > 0 {
            to.notes.add(format!(
                "{} left out: there is no request of the same id",
                counted(self.replies, "reply is", "replies are")
            ));
        }
        if self.upgrades > 0 {
            to.notes.add(format!(
                "{} left out: not replayed by this release",
                counted(self.upgrades, "upgraded connection is", "upgraded connections are")
            ));
        }
    }
}
