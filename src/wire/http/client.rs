//! The client: a connection for each call, from the pool or new, under one time limit.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::connection::Connection;
use super::pool::Pool;
use super::request;
use crate::model::{Answer, Call, Fault, Reply};
use crate::wire::{self, Endpoint, Limits, Protocol};

/// HTTP/1.1. Cheap to share; its connections close when it is dropped.
#[derive(Debug, Default)]
pub struct Http {
    pool: Pool,
}

impl Http {
    /// A client with no connections yet.
    pub fn new() -> Self {
        Self::default()
    }

    async fn exchange(
        &self,
        to: &Endpoint,
        method: &str,
        request: &[u8],
        max_body: u64,
        head_came: &AtomicBool,
    ) -> Result<Reply, Fault> {
        let kept = self.pool.take(to);
        let reused = kept.is_some();
        let mut connection = match kept {
            Some(connection) => connection,
            None => Connection::open(to).await?,
        };
        match connection.exchange(method, request, max_body, head_came).await {
            Ok((reply, keep)) => {
                if let Some(idle) = keep {
                    self.pool.put(to, connection, idle);
                }
                Ok(reply)
            }
            Err(fault) => {
                if reused && fault == Fault::Closed {
                    self.pool.distrust(to);
                }
                Err(fault)
            }
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

    async fn send(&self, to: &Endpoint, call: &Call, limits: &Limits) -> Result<Reply, Fault> {
        if let Some(reason) = request::refuse(call) {
            return Err(Fault::Malformed(format!("the call could not be sent: {reason}")));
        }
        let request = request::write(to, call);
        let head_came = AtomicBool::new(false);
        let exchange = self.exchange(to, &call.method, &request, limits.max_body, &head_came);
        tokio::time::timeout(limits.timeout, exchange)
            .await
            .unwrap_or_else(|_| Err(Fault::Timeout { in_body: head_came.load(Ordering::Relaxed) }))
    }

    fn decode(&self, _method: &str, reply: &Reply) -> Answer {
        wire::answer(reply, false)
    }

    fn hang_up(&self, to: &Endpoint) {
        self.pool.close(to);
    }
}
