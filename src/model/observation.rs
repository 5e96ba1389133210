//! What one cell gave for one call.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::{Document, Ending, Fault, Metadata};

/// What one cell gave for one call.
#[derive(Debug, Clone)]
pub enum Observation {
    /// A whole reply.
    Answer(Answer),
    /// No whole reply.
    Fault(Fault),
    /// The call was not sent: it needs a value which the control made anew, and this cell's replies have no place for it.
    /// Names the exchange that should have given it, and where it stood in the control's reply.
    Blocked {
        /// The exchange whose reply lacks the value.
        by: u64,
        /// Where the control's reply has it.
        at: String,
    },
    /// The call was not sent, for a reason of straddle's: an unsafe method to a build that can't be put back, say.
    NotSent(String),
}

impl Observation {
    /// The reply, where there is a whole one.
    pub fn answer(&self) -> Option<&Answer> {
        if let Self::Answer(answer) = self { Some(answer) } else { None }
    }
}

/// A reply, decoded.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP's status code.
    pub status: u16,
    /// Headers in their order and case.
    pub metadata: Metadata,
    /// What came after the body.
    pub trailers: Metadata,
    /// What it carries.
    pub content: Content,
    /// How the remote procedure ended that was called, where one was: gRPC.
    pub rpc: Option<Box<Ending>>,
}

impl Answer {
    /// Whether it says that the call failed.
    pub fn is_failure(&self) -> bool {
        self.rpc.as_ref().map_or(self.status >= 400, |rpc| !rpc.code.is_ok())
    }

    /// Whether the call ended as another did. A recording may know no more than HTTP's status, of a remote procedure too.
    pub fn ended_as(&self, other: &Self) -> bool {
        match (&self.rpc, &other.rpc) {
            (Some(own), Some(other)) => own.code == other.code,
            _ => self.status == other.status,
        }
    }

    /// How the call ended, as people say it: `404`, or for a remote procedure `NOT_FOUND`.
    pub fn outcome(&self) -> String {
        self.rpc.as_ref().map_or_else(|| self.status.to_string(), |rpc| rpc.code.to_string())
    }
}

/// A payload: its bytes with the content encoding taken off, and the document that they decode to.
///
/// Decoding waits until somebody asks, since most replies of two builds are equal byte for byte.
#[derive(Debug, Clone)]
pub struct Content {
    /// What the `Content-Type` says, parameters off, lower case: `application/json`. Empty where there is none.
    pub media: String,
    /// How the bytes are read.
    pub form: Form,
    /// The bytes, content encoding taken off and text brought to UTF-8. `None`: nobody knows, the recording left them out.
    pub bytes: Option<Bytes>,
    /// What could not be decoded and why, where something couldn't.
    pub trouble: Option<String>,
    /// What opaque bytes are by themselves, where their first few say so: a media type.
    pub detected: Option<&'static str>,
    /// The stream had not ended when enough of it was read: how much came in the meantime says nothing.
    pub open: bool,
    reader: Reader,
    document: Arc<OnceLock<Document>>,
    leaves: Arc<OnceLock<u64>>,
}

/// How a payload's bytes become a document, and how many leaves they hold without becoming one.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Bytes to document; what can't be read becomes [`Document::Text`] or [`Document::Bytes`].
    pub decode: fn(&Bytes) -> Document,
    /// How many leaves [`decode`](Self::decode) would give.
    pub leaves: fn(&Bytes) -> u64,
}

/// How a payload is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// No bytes.
    Empty,
    /// JSON, and what ends in `+json`.
    Json,
    /// A page: `$.forms` and `$.links`; compared only where a later request took something from it.
    Html,
    /// `application/x-www-form-urlencoded` or `multipart/form-data`.
    Fields,
    /// XML, but for pages and pictures: its elements.
    Xml,
    /// Any other multipart body: a list of its parts.
    Parts,
    /// CSV and its kin: a list of rows.
    Table,
    /// JSON documents one after the other: a list of them.
    Lines,
    /// Server-sent events: a list of them.
    Events,
    /// Messages of a remote procedure, read by its descriptors: one, or where it streams a list of them.
    Messages,
    /// Text of any other kind.
    Text,
    /// Anything else.
    Opaque,
}

impl Form {
    /// Whether the document is a tree that is compared place by place; else it is one leaf, or a page.
    pub fn is_structured(self) -> bool {
        matches!(
            self,
            Self::Json
                | Self::Fields
                | Self::Xml
                | Self::Parts
                | Self::Table
                | Self::Lines
                | Self::Events
                | Self::Messages
        )
    }
}

impl Content {
    /// Puts a payload together; `reader` is asked when its document is.
    pub fn new(media: String, form: Form, bytes: Option<Bytes>, trouble: Option<String>, reader: Reader) -> Self {
        let (document, leaves) = Default::default();
        Self { media, form, bytes, trouble, detected: None, open: false, reader, document, leaves }
    }

    /// The same, which its bytes say to be of that type.
    pub fn detected(self, detected: Option<&'static str>) -> Self {
        Self { detected, ..self }
    }

    /// The same, of a stream that may go on.
    pub fn open(self, open: bool) -> Self {
        Self { open, ..self }
    }

    /// The same, decoded already by whoever knows what its bytes mean.
    pub fn decoded(self, document: Document) -> Self {
        Self { document: Arc::new(OnceLock::from(document)), ..self }
    }

    /// The same, with its leaves counted already by whoever looked through the bytes.
    pub fn counted(self, leaves: u64) -> Self {
        Self { leaves: Arc::new(OnceLock::from(leaves)), ..self }
    }

    /// The decoded document. An unknown payload gives `Null`.
    pub fn document(&self) -> &Document {
        self.document.get_or_init(|| self.bytes.as_ref().map_or(Document::Null, self.reader.decode))
    }

    /// How many leaves the document has, found without decoding where that was not needed so far.
    pub fn leaves(&self) -> u64 {
        *self.leaves.get_or_init(|| match (self.document.get(), &self.bytes) {
            (Some(document), _) => document.leaves(),
            (None, Some(bytes)) => (self.reader.leaves)(bytes),
            (None, None) => 0,
        })
    }
}
