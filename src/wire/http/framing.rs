//! Where a reply's body ends, and whether the connection outlives it (RFC 9112, 6.3 and 9.3).

use std::time::Duration;

use super::head::Head;
use crate::model::Fault;

/// How long an idle connection may be kept where the server doesn't say.
const UNSAID: Duration = Duration::from_mins(5);

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none, whatever the headers say.
    Nothing,
    /// After so many bytes.
    Length(u64),
    /// After the last chunk.
    Chunked,
    /// Where the connection ends.
    UntilClose,
}

impl Head {
    /// Where the body ends, for a call of that method.
    pub(super) fn framing(&self, method: &str) -> Result<Framing, Fault> {
        if method == "HEAD" || matches!(self.status, 204 | 304) {
            return Ok(Framing::Nothing);
        }
        let codings = self.tokens("transfer-encoding");
        if let Some(other) = codings.iter().find(|coding| !matches!(coding.as_str(), "chunked" | "identity")) {
            return Err(Fault::Malformed(format!("transfer coding `{other}`, which no client asked for")));
        }
        if codings.iter().any(|coding| coding == "chunked") {
            return Ok(Framing::Chunked);
        }
        let lengths = self.tokens("content-length");
        let Some(first) = lengths.first() else { return Ok(Framing::UntilClose) };
        if lengths.iter().any(|length| length != first) {
            return Err(Fault::Malformed(format!("several values of content-length: {}", lengths.join(", "))));
        }
        if !first.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Fault::Malformed(format!("a content-length of `{first}`")));
        }
        first.parse().map(Framing::Length).map_err(|_| Fault::Malformed(format!("a content-length of `{first}`")))
    }

    /// How long the connection may be kept for another call; none where it may not.
    pub(super) fn keeps(&self, framing: Framing) -> Option<Duration> {
        let options = self.tokens("connection");
        let says = |option: &str| options.iter().any(|said| said == option);
        let persists = if self.is_1_1 { !says("close") } else { says("keep-alive") && !says("close") };
        // A reply with two framings may have been meant either way: nothing after it can be trusted.
        let doubtful = self.metadata.has("transfer-encoding") && self.metadata.has("content-length");
        if !persists || doubtful || framing == Framing::UntilClose {
            return None;
        }
        let announced = self.tokens("keep-alive").iter().find_map(|parameter| {
            parameter.strip_prefix("timeout=").and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs)
        });
        // Half of what the server announces: its clock started before ours.
        Some(announced.map_or(UNSAID, |timeout| timeout.min(UNSAID) / 2)).filter(|idle| !idle.is_zero())
    }

    /// The comma-separated members of all headers of that name, in lower case.
    fn tokens(&self, name: &str) -> Vec<String> {
        self.metadata
            .all(name)
            .flat_map(|value| value.split(','))
            .map(|member| member.trim().to_ascii_lowercase())
            .filter(|member| !member.is_empty())
            .collect()
    }
}
