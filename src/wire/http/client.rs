//! The client: a connection for each call, kept or new, under one time limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::connection::Connection;
use super::pool::Pool;
use super::{request, two};
use crate::model::{Answer, Body, Call, Fault, HttpVersion, Reply};
use crate::wire::{self, Asked, Endpoint, Limits, Line, Protocol, Received, Route, grpc};

/// How long a server may be silent before the idle connections to it are closed: it may serve one at a time.
const PATIENCE: Duration = Duration::from_secs(2);

/// HTTP/1.1, and HTTP/2 where a call was recorded so and the server speaks it. Cheap to share; its connections close when it
/// is dropped.
#[derive(Debug, Default)]
pub struct Http {
    pool: Pool,
    two: two::Pool,
    speakers: two::Speakers,
}

impl Http {
    /// A client with no connections yet.
    pub fn new() -> Self {
        Self::default()
    }

    async fn by_one(
        &self,
        to: &Endpoint,
        call: &Call,
        line: Option<&Line>,
        limits: &Limits,
        head_came: &AtomicBool,
    ) -> Result<Received, Fault> {
        let request = request::write(to, call);
        let kept = self.pool.take(to, line);
        let reused = kept.is_some();
        let mut connection = match kept {
            Some(connection) => connection,
            None => Connection::open(to).await?,
        };
        let result = {
            let exchange = connection.exchange(&call.method, &request, limits, head_came);
            if line.is_some() { self.making_way(to, head_came, exchange).await } else { exchange.await }
        };
        match result {
            Ok((received, keep)) => {
                if let Some(idle) = keep {
                    self.pool.put(to, line, connection, idle);
                }
                Ok(received)
            }
            Err(fault) => {
                if reused && fault == Fault::Closed {
                    self.pool.distrust(to);
                }
                Err(fault)
            }
        }
    }

    /// Waits for an exchange. Connections that are kept for other lines must not be what the server waits for.
    async fn making_way<T>(&self, to: &Endpoint, head_came: &AtomicBool, exchange: impl Future<Output = T>) -> T {
        tokio::pin!(exchange);
        if let Ok(done) = tokio::time::timeout(PATIENCE, &mut exchange).await {
            return done;
        }
        if !head_came.load(Ordering::Relaxed) {
            self.pool.make_way(to);
        }
        exchange.await
    }

    async fn by_two(
        &self,
        to: &Endpoint,
        request: http::Request<()>,
        body: Bytes,
        route: &Route,
        limits: &Limits,
        head_came: &AtomicBool,
    ) -> Result<Received, Fault> {
        let (line, streams) = (route.line.as_ref(), route.streams);
        let connection = if let Some(connection) = self.two.get(to, line) {
            connection
        } else {
            let opened = Arc::new(two::Connection::open(to).await?);
            self.two.put(to, line, &opened);
            opened
        };
        // Until it has answered it is not to be trusted with another call: dropped here, it ends with the time limit.
        let guard = Distrust { client: self, to, line, connection: &connection, answered: false };
        let result = connection.exchange(request, body, limits, streams, head_came).await;
        guard.answered(result.is_ok());
        result
    }
}

/// Takes a connection out of the pool unless its call was answered.
struct Distrust<'a> {
    client: &'a Http,
    to: &'a Endpoint,
    line: Option<&'a Line>,
    connection: &'a Arc<two::Connection>,
    answered: bool,
}

impl Distrust<'_> {
    fn answered(mut self, answered: bool) {
        self.answered = answered;
    }
}

impl Drop for Distrust<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.client.two.drop_line(self.to, self.line, self.connection);
        }
    }
}

#[async_trait]
impl Protocol for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn refuses(&self, call: &Call) -> Option<String> {
        request::refuse(call)
    }

    async fn exchange(&self, to: &Endpoint, call: &Call, route: &Route, limits: &Limits) -> Result<Received, Fault> {
        if let Some(reason) = request::refuse(call) {
            return Err(Fault::Malformed(format!("the call could not be sent: {reason}")));
        }
        let head_came = AtomicBool::new(false);
        let line = route.line.as_ref();
        let exchange = async {
            if route.version == HttpVersion::Http2 {
                let body = whole(&call.body);
                // What HTTP/2 can't say goes by the version that can.
                if let Some(request) = two::sayable(to, call, body.len()) {
                    return self.by_two(to, request, body, route, limits, &head_came).await;
                }
            }
            self.by_one(to, call, line, limits, &head_came).await
        };
        let most = grpc::deadline(call).map_or(limits.timeout, |deadline| limits.timeout.min(deadline));
        tokio::time::timeout(most, exchange)
            .await
            .unwrap_or_else(|_| Err(Fault::Timeout { in_body: head_came.load(Ordering::Relaxed) }))
    }

    async fn speaks(&self, to: &Endpoint, version: HttpVersion, limits: &Limits) -> bool {
        version != HttpVersion::Http2 || self.speakers.speaks(to, limits.timeout).await
    }

    fn decode(&self, asked: &Asked<'_>, reply: &Reply) -> Answer {
        wire::answer(reply, asked, false)
    }

    fn decode_open(&self, asked: &Asked<'_>, reply: &Reply) -> Answer {
        wire::open_answer(reply, asked)
    }

    fn let_go(&self, to: &Endpoint, owner: u64) {
        self.pool.let_go(to, owner);
        self.two.let_go(to, owner);
    }

    fn hang_up(&self, to: &Endpoint) {
        self.pool.close(to);
        self.two.close(to);
        self.speakers.forget(to);
    }
}

/// A body as one run of bytes; of an unknown one nobody knows more than nothing.
fn whole(body: &Body) -> Bytes {
    match body {
        Body::Frames(frames) if frames.len() == 1 => frames[0].clone(),
        other => other.bytes().unwrap_or_default().into_owned().into(),
    }
}
