//! How much of a stream is read that may never end: until it has been quiet for a while, and no longer than a few seconds.

use std::time::{Duration, Instant};

use memchr::memmem;

use crate::model::Metadata;
use crate::wire::Limits;

/// How long it must be quiet after an event.
const QUIET: Duration = Duration::from_secs(1);
/// How long is waited in all.
const MOST: Duration = Duration::from_secs(5);
/// How much is read, in bytes.
pub(super) const MAX_STREAM: u64 = 1 << 20;

/// The time that is left for a stream.
#[derive(Debug)]
pub(super) struct Window {
    until: Instant,
    quiet: Duration,
    came: bool,
}

impl Window {
    /// The window for a reply with these headers, from now; none where the whole of it is waited for.
    pub fn of(metadata: &Metadata, limits: &Limits) -> Option<Self> {
        const STREAMS: [&str; 3] = ["text/event-stream", "application/stream+json", "multipart/x-mixed-replace"];
        let content_type = metadata.get("content-type")?;
        let media = content_type.split(';').next().unwrap_or_default().trim();
        STREAMS.iter().any(|stream| media.eq_ignore_ascii_case(stream)).then(|| Self::from_now(limits))
    }

    /// The window for a stream that begins now.
    pub fn from_now(limits: &Limits) -> Self {
        // Well before the time limit of the whole reply.
        let most = MOST.min(limits.timeout / 2);
        Self { until: Instant::now() + most, quiet: QUIET.min(most / 2), came: false }
    }

    /// How long to wait for the next bytes.
    pub fn patience(&self) -> Duration {
        let left = self.until.saturating_duration_since(Instant::now());
        if self.came { left.min(self.quiet) } else { left }
    }

    /// These bytes of the body have come. A comment, which servers send to keep a connection open, is no event.
    pub fn saw(&mut self, bytes: &[u8]) {
        let is_comment = bytes.first() == Some(&b':') && memmem::find(bytes, b"data").is_none();
        self.came |= !bytes.trim_ascii().is_empty() && !is_comment;
    }
}
