//! Why an exchange did not come to its end.

use h2::Reason;

use crate::proxy::http1::Refusal;

/// Why an exchange did not come to its end.
#[derive(Debug)]
pub(in crate::proxy) enum Broken {
    /// The client reset the stream, or is gone.
    ByClient,
    /// The target reset it, or is gone: with that code, where it gave one.
    ByTarget(Option<Reason>),
    /// One of them did not send or take anything for too long.
    Stalled,
    /// The proxy can't pass it on.
    Refused(Refusal),
}

impl Broken {
    /// An error of the connection to the target.
    pub fn by_target(error: &h2::Error) -> Self {
        Self::ByTarget(error.reason())
    }

    /// What the client's stream is reset with.
    pub fn reason(&self) -> Reason {
        match self {
            Self::ByClient | Self::Stalled => Reason::CANCEL,
            Self::ByTarget(reason) => reason.unwrap_or(Reason::INTERNAL_ERROR),
            Self::Refused(_) => Reason::PROTOCOL_ERROR,
        }
    }
}
