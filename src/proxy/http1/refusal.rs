//! What the proxy itself answers, where it can't pass a message on.

use bytes::Bytes;

/// An answer of the proxy's own. It is no reply of the target, and is never recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::proxy) struct Refusal {
    /// The status code.
    pub status: u16,
    /// Why: a fragment that ends a sentence about the message.
    pub why: String,
}

impl Refusal {
    /// That status, for that reason.
    pub fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }

    /// What a person reads, and which part of straddle says it.
    pub fn text(&self, by: &str) -> String {
        format!("straddle {by}: {}\n", self.why)
    }

    /// The whole answer as HTTP/1.1; the connection closes after it.
    pub fn bytes(&self, by: &str) -> Bytes {
        let reason = match self.status {
            400 => "Bad Request",
            408 => "Request Timeout",
            431 => "Request Header Fields Too Large",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Gateway Timeout",
            505 => "HTTP Version Not Supported",
            _ => "Error",
        };
        let text = self.text(by);
        format!(
            "HTTP/1.1 {} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            self.status,
            text.len()
        )
        .into()
    }
}
