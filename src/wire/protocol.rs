//! The seam into which a wire protocol fits.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::grpc::Reading;
use crate::model::{Answer, Call, Fault, HttpVersion, Reply};

/// A wire protocol: it sends calls and decodes what comes back.
#[async_trait]
pub trait Protocol: Send + Sync {
    /// Its name in manifests and reports.
    fn name(&self) -> &'static str;

    /// Why `call` can't be sent at all, where it can't: a line break within a header, say. Whoever sends asks this first,
    /// since such a call is nothing that a build did.
    fn refuses(&self, call: &Call) -> Option<String>;

    /// Sends `call` once, by that route, and waits for the whole reply; of a stream that doesn't end, for a part.
    async fn exchange(&self, to: &Endpoint, call: &Call, route: &Route, limits: &Limits) -> Result<Received, Fault>;

    /// Sends `call` once, by whatever route is free, and waits for the whole reply.
    async fn send(&self, to: &Endpoint, call: &Call, limits: &Limits) -> Result<Reply, Fault> {
        self.exchange(to, call, &Route::default(), limits).await.map(|received| received.reply)
    }

    /// Whether the server there speaks that version; it is asked once.
    async fn speaks(&self, to: &Endpoint, version: HttpVersion, limits: &Limits) -> bool;

    /// Decodes what came back for that call. Strictly: what doesn't decode is a trouble of the answer's content.
    fn decode(&self, asked: &Asked<'_>, reply: &Reply) -> Answer;

    /// The same for a stream of which only a part was read.
    fn decode_open(&self, asked: &Asked<'_>, reply: &Reply) -> Answer;

    /// Closes the connections to `to` that were kept for that owner: nothing more of it follows.
    fn let_go(&self, to: &Endpoint, owner: u64);

    /// Closes what is kept open to `to`, so that a server which is asked to stop need not wait for it.
    fn hang_up(&self, to: &Endpoint);
}

/// What a reply answers, as far as reading it needs to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The path of the remote procedure that was called, where one was: `/shop.v1.Shop/Get`.
    pub procedure: Option<&'a str>,
    /// By what its messages are read, where that is known.
    pub reading: Option<&'a Reading>,
}

impl<'a> Asked<'a> {
    /// By that call, whose messages are read so.
    pub fn by(call: &'a Call, reading: Option<&'a Reading>) -> Self {
        Self { procedure: call.procedure(), reading }
    }
}

/// The way that a call goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Route {
    /// The connection that it goes over, with the other calls of that line and no others. None: any that is free.
    pub line: Option<Line>,
    /// The version to speak, where the server has been found to speak it.
    pub version: HttpVersion,
    /// The reply may be a stream that doesn't end, whatever its type says.
    pub streams: bool,
}

/// A connection, by the name that it had when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// Whose it is: the number of a session.
    pub owner: u64,
    /// Which of its connections.
    pub name: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The reply.
    pub reply: Reply,
    /// It is a stream that had not ended when enough of it was read.
    pub open: bool,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// A name or an address; an IPv6 one without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
}

impl Endpoint {
    /// Where `host` listens on `port`.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(out, "[{}]:{}", self.host, self.port)
        } else {
            write!(out, "{}:{}", self.host, self.port)
        }
    }
}

/// How long to wait for a reply, and how much of it to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first attempt to connect to the reply's last byte.
    pub timeout: Duration,
    /// The longest body to take, in bytes, its content encoding still on.
    pub max_body: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), max_body: 32 << 20 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_endpoint_stands_in_brackets() {
        for (host, shown) in [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("shop.test", "shop.test:80")] {
            assert_eq!(Endpoint::new(host, 80).to_string(), shown);
        }
    }
}
