//! The redactor: exchange by exchange, one numbering for a whole file.

use super::body::{self, Plain, Syntax};
use super::known::Known;
use super::replace::{Kind, replace};
use super::spots::{From, Spot, settled};
use super::{header, target};
use crate::model::secret::placeholders;
use crate::model::{Body, Call, Metadata, Reply};

/// Whether an import takes credentials out.
pub enum Redaction {
    /// It does, with all that this one has seen already: while it recorded, say.
    On(Redactor),
    /// It leaves them where they are.
    Off,
}

impl Redaction {
    /// On, with nothing seen so far.
    pub fn new() -> Self {
        Self::On(Redactor::new())
    }

    /// Whether credentials are taken out.
    pub fn is_on(&self) -> bool {
        matches!(self, Self::On(_))
    }
}

impl Default for Redaction {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes credentials out of exchanges. What it has seen in one it knows in all that follow.
///
/// Where all exchanges can be read twice, [`learn`](Self::learn) first goes through all of them, so that a credential is
/// known in those that come before the one that gives it away, too.
#[derive(Default)]
pub struct Redactor {
    known: Box<Known>,
    /// Bodies that nobody can look through.
    sealed: u64,
    /// Whether placeholders stand in what is read that another redactor wrote, which knew other values.
    continued: bool,
}

impl Redactor {
    /// Longer credentials are taken out where they are named or look it, and nowhere else.
    pub const LONGEST: usize = super::known::LONGEST;

    /// One that knows no credential.
    pub fn new() -> Self {
        Self::default()
    }

    /// How much there is to take out: credentials that were seen, and bodies that can't be looked through.
    pub fn count(&self) -> usize {
        self.known.len().saturating_add(usize::try_from(self.sealed).unwrap_or(usize::MAX))
    }

    /// What a person must know of what was taken out, and of what may still be there.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.sealed > 0 {
            let bodies = if self.sealed == 1 { "body is" } else { "bodies are" };
            notes.push(format!(
                "{} {bodies} left out: the content encoding does not come off, and credentials may be below it",
                self.sealed
            ));
        }
        let unsearched = self.known.unsearched();
        if unsearched > 0 {
            notes.push(format!(
                "{unsearched} credentials are taken out only where their names or looks say what they are: there are too \
                 many to look for each everywhere"
            ));
        }
        if self.continued {
            notes.push(
                "credentials were taken out of this before, as it was recorded: one that came to be known late may still \
                 stand in exchanges before that; look at it before you publish it"
                    .to_owned(),
            );
        }
        notes
    }

    /// Takes in the credentials of an exchange, and changes nothing.
    pub fn learn(&mut self, call: &Call, reply: Option<&Reply>) {
        self.reserve(call, reply);
        self.learn_spots(target::spots(&call.target));
        self.learn_metadata(&call.metadata, From::Call);
        self.learn_body(&call.metadata, &call.body, From::Call);
        if let Some(reply) = reply {
            self.learn_metadata(&reply.metadata, From::Reply);
            self.learn_metadata(&reply.trailers, From::Reply);
            self.learn_body(&reply.metadata, &reply.body, From::Reply);
        }
    }

    /// Puts placeholders in place of all credentials that an exchange shows, or that were seen before.
    pub fn exchange(&mut self, call: &mut Call, reply: Option<&mut Reply>) {
        self.learn(call, reply.as_deref());
        if self.count() > 0 {
            self.apply(call, reply);
        }
    }

    /// A text with placeholders in place of the credentials that were seen so far: the log of a build, say. None where
    /// it holds none.
    pub fn text(&self, text: &[u8]) -> Option<Vec<u8>> {
        replace(&self.known, text, &[], Kind::Other)
    }

    /// Puts placeholders in place of the credentials that were learned, and learns none.
    pub fn apply(&self, call: &mut Call, reply: Option<&mut Reply>) {
        let spots = settled(target::spots(&call.target));
        if let Some(target) = self.replaced(&call.target, &spots) {
            call.target = target;
        }
        self.put_metadata(&mut call.metadata, From::Call);
        self.put_body(&mut call.metadata, &mut call.body, From::Call);
        if let Some(reply) = reply {
            self.put_metadata(&mut reply.metadata, From::Reply);
            self.put_metadata(&mut reply.trailers, From::Reply);
            self.put_body(&mut reply.metadata, &mut reply.body, From::Reply);
        }
    }

    /// Numbers of placeholders that stand there already are taken.
    fn reserve(&mut self, call: &Call, reply: Option<&Reply>) {
        let Self { known, continued, .. } = self;
        let mut look = |text: &[u8]| {
            placeholders(text).for_each(|found| *continued |= known.reserve(found.name, found.number));
        };
        look(call.target.as_bytes());
        let replies = reply.map(|reply| [&reply.metadata, &reply.trailers]);
        for metadata in replies.iter().flatten().copied().chain([&call.metadata]) {
            metadata.iter().for_each(|(_, value)| look(value.as_bytes()));
        }
        for body in reply.map(|reply| &reply.body).into_iter().chain([&call.body]) {
            if let Body::Frames(frames) = body {
                for frame in frames {
                    look(frame);
                }
            }
        }
    }

    fn learn_spots(&mut self, spots: Vec<Spot>) {
        for spot in settled(spots) {
            self.known.learn(&spot.value, &spot.name);
        }
    }

    fn learn_metadata(&mut self, metadata: &Metadata, from: From) {
        for (name, value) in metadata.iter() {
            self.learn_spots(header::spots(name, value, from));
        }
    }

    fn learn_body(&mut self, metadata: &Metadata, body: &Body, from: From) {
        match body::plain(metadata, body) {
            Plain::Nothing => {}
            Plain::Frames(frames) => {
                for frame in frames {
                    self.learn_spots(body::spots(metadata, &frame, from));
                }
            }
            Plain::Sealed => self.sealed += 1,
        }
    }

    fn replaced(&self, text: &str, spots: &[Spot]) -> Option<String> {
        replace(&self.known, text.as_bytes(), spots, Kind::Other).and_then(|bytes| String::from_utf8(bytes).ok())
    }

    fn put_metadata(&self, metadata: &mut Metadata, from: From) {
        for (name, value) in metadata.iter_mut() {
            let spots = settled(header::spots(name, value, from));
            if let Some(new) = self.replaced(value, &spots) {
                *value = new;
            }
        }
    }

    /// A body in which something is replaced is written without its content encodings: a recording has them on or off. One
    /// that can't be looked through is left out.
    fn put_body(&self, metadata: &mut Metadata, body: &mut Body, from: From) {
        let mut frames = match body::plain(metadata, body) {
            Plain::Nothing => return,
            Plain::Frames(frames) => frames,
            Plain::Sealed => {
                *body = Body::Unknown;
                return;
            }
        };
        let mut changed = false;
        for frame in &mut frames {
            let spots = settled(body::spots(metadata, frame, from));
            let kind = if Syntax::of(metadata, frame) == Syntax::Json { Kind::Json } else { Kind::Other };
            if let Some(new) = replace(&self.known, frame, &spots, kind) {
                *frame = new.into();
                changed = true;
            }
        }
        if !changed {
            return;
        }
        let length: usize = frames.iter().map(bytes::Bytes::len).sum();
        for (_, value) in metadata.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            *value = length.to_string();
        }
        *body = Body::Frames(frames);
    }
}
