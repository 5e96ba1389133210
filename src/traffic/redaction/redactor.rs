//! The redactor: exchange by exchange, one numbering for a whole file.

use bytes::Bytes;

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

/// A body with its content encodings off, and the credentials that it shows.
enum Looked {
    Nothing,
    Frames(Vec<(Bytes, Vec<Spot>)>),
    /// Nobody can look through it.
    Sealed,
}

impl Looked {
    fn at(metadata: &Metadata, body: &Body, from: From) -> Self {
        Self::by(metadata, body, |frame| settled(body::spots(metadata, frame, from)))
    }

    /// One of which it is known that it shows none.
    fn without(metadata: &Metadata, body: &Body) -> Self {
        Self::by(metadata, body, |_| Vec::new())
    }

    fn by(metadata: &Metadata, body: &Body, spots: impl Fn(&Bytes) -> Vec<Spot>) -> Self {
        let look = |frame: Bytes| {
            let spots = spots(&frame);
            (frame, spots)
        };
        match body::plain(metadata, body) {
            Plain::Nothing => Self::Nothing,
            Plain::Frames(frames) => Self::Frames(frames.into_iter().map(look).collect()),
            Plain::Sealed => Self::Sealed,
        }
    }

    fn shows_any(&self) -> bool {
        matches!(self, Self::Frames(frames) if frames.iter().any(|(_, spots)| !spots.is_empty()))
    }
}

/// Whether a body shows credentials, the call's first: one that shows none need only be searched for those that are known.
#[derive(Debug, Clone, Copy)]
pub struct Shown([bool; 2]);

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

    /// Takes in the credentials of an exchange, and changes nothing. Says what [`apply`](Self::apply) asks.
    pub fn learn(&mut self, call: &Call, reply: Option<&Reply>) -> Shown {
        Shown(self.look(call, reply).map(|body| body.shows_any()))
    }

    /// Puts placeholders in place of all credentials that an exchange shows, or that were seen before.
    pub fn exchange(&mut self, call: &mut Call, reply: Option<&mut Reply>) {
        let bodies = self.look(call, reply.as_deref());
        if self.count() > 0 {
            self.put(call, reply, bodies.map(Some));
        }
    }

    /// Takes in the credentials of an exchange. Gives its bodies as they were looked through, that of the call first.
    fn look(&mut self, call: &Call, reply: Option<&Reply>) -> [Looked; 2] {
        self.reserve(call, reply);
        self.learn_spots(&settled(target::spots(&call.target)));
        self.learn_metadata(&call.metadata, From::Call);
        let of_call = self.learn_body(&call.metadata, &call.body, From::Call);
        let Some(reply) = reply else { return [of_call, Looked::Nothing] };
        self.learn_metadata(&reply.metadata, From::Reply);
        self.learn_metadata(&reply.trailers, From::Reply);
        [of_call, self.learn_body(&reply.metadata, &reply.body, From::Reply)]
    }

    /// A text with placeholders in place of the credentials that were seen so far: the log of a build, say. None where
    /// it holds none.
    pub fn text(&self, text: &[u8]) -> Option<Vec<u8>> {
        replace(&self.known, text, &[], Kind::Other)
    }

    /// Puts placeholders in place of the credentials that were learned, and learns none.
    pub fn apply(&self, call: &mut Call, reply: Option<&mut Reply>, shown: Shown) {
        let Shown([by_call, by_reply]) = shown;
        let of_call = (!by_call).then(|| Looked::without(&call.metadata, &call.body));
        let of_reply = reply.as_ref().filter(|_| !by_reply).map(|reply| Looked::without(&reply.metadata, &reply.body));
        self.put(call, reply, [of_call, of_reply]);
    }

    /// The same, with bodies that were looked through already.
    fn put(&self, call: &mut Call, reply: Option<&mut Reply>, [of_call, of_reply]: [Option<Looked>; 2]) {
        let spots = settled(target::spots(&call.target));
        if let Some(target) = self.replaced(&call.target, &spots) {
            call.target = target;
        }
        let changed = self.put_metadata(&mut call.metadata, From::Call);
        self.put_body(&mut call.metadata, &mut call.body, From::Call, of_call.filter(|_| !changed));
        if let Some(reply) = reply {
            let changed = self.put_metadata(&mut reply.metadata, From::Reply);
            self.put_metadata(&mut reply.trailers, From::Reply);
            self.put_body(&mut reply.metadata, &mut reply.body, From::Reply, of_reply.filter(|_| !changed));
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

    fn learn_spots(&mut self, spots: &[Spot]) {
        for spot in spots {
            self.known.learn(&spot.value, &spot.name);
        }
    }

    fn learn_metadata(&mut self, metadata: &Metadata, from: From) {
        for (name, value) in metadata.iter() {
            self.learn_spots(&settled(header::spots(name, value, from)));
        }
    }

    fn learn_body(&mut self, metadata: &Metadata, body: &Body, from: From) -> Looked {
        let looked = Looked::at(metadata, body, from);
        match &looked {
            Looked::Nothing => {}
            Looked::Frames(frames) => frames.iter().for_each(|(_, spots)| self.learn_spots(spots)),
            Looked::Sealed => self.sealed += 1,
        }
        looked
    }

    fn replaced(&self, text: &str, spots: &[Spot]) -> Option<String> {
        replace(&self.known, text.as_bytes(), spots, Kind::Other).and_then(|bytes| String::from_utf8(bytes).ok())
    }

    /// Whether the body may read otherwise by what was changed.
    fn put_metadata(&self, metadata: &mut Metadata, from: From) -> bool {
        let mut changed = false;
        for (name, value) in metadata.iter_mut() {
            let spots = settled(header::spots(name, value, from));
            if let Some(new) = self.replaced(value, &spots) {
                *value = new;
                changed |=
                    ["content-type", "content-encoding"].iter().any(|of_body| name.eq_ignore_ascii_case(of_body));
            }
        }
        changed
    }

    /// A body in which something is replaced is written without its content encodings: a recording has them on or off. One
    /// that can't be looked through is left out.
    fn put_body(&self, metadata: &mut Metadata, body: &mut Body, from: From, looked: Option<Looked>) {
        let mut frames = match looked.unwrap_or_else(|| Looked::at(metadata, body, from)) {
            Looked::Nothing => return,
            Looked::Frames(frames) => frames,
            Looked::Sealed => {
                *body = Body::Unknown;
                return;
            }
        };
        let mut changed = false;
        for (frame, spots) in &mut frames {
            let kind = if Syntax::of(metadata, frame) == Syntax::Json { Kind::Json } else { Kind::Other };
            if let Some(new) = replace(&self.known, frame, spots, kind) {
                *frame = new.into();
                changed = true;
            }
        }
        if !changed {
            return;
        }
        let frames: Vec<Bytes> = frames.into_iter().map(|(frame, _)| frame).collect();
        let length: usize = frames.iter().map(Bytes::len).sum();
        for (_, value) in metadata.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
            *value = length.to_string();
        }
        *body = Body::Frames(frames);
    }
}
