//! The balancer as a whole: it listens, takes connections within its limit, and ends in order. The main type is [`Mixer`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::affinity::Affinity;
use super::instances::{Client, Instances};
use super::log::Log;
use super::passing::Passing;
use super::plan::Plan;
use super::{BY, http1, streams};
use crate::proxy::http1::{Beginning, begin, close};
use crate::proxy::{Limits, ProxyError, door};

/// A balancer that listens, for as long as this lives.
#[derive(Debug)]
pub struct Mixer {
    address: SocketAddr,
    mix: Arc<Mix>,
    task: Option<JoinHandle<()>>,
}

/// What all connections have in common.
#[derive(Debug)]
pub(in crate::proxy) struct Mix {
    pub(super) instances: Instances,
    pub(super) plan: Plan,
    pub(super) limits: Limits,
    pub(super) log: Log,
    pub(super) affinity: Affinity,
    /// Which of those that have the same instances it is.
    number: usize,
    connections: AtomicU64,
    requests: AtomicU64,
    /// Requests that have not ended.
    open: AtomicUsize,
    changed: Notify,
    stopping: watch::Sender<bool>,
}

impl Mixer {
    /// Listens at that address of this machine, port 0 being any that is free, and passes on what comes in there.
    pub async fn listen(
        at: SocketAddr,
        instances: impl Into<Instances>,
        plan: Plan,
        limits: Limits,
    ) -> Result<Self, ProxyError> {
        if !at.ip().is_loopback() {
            return Err(ProxyError::NotLoopback(at));
        }
        let failed = |error| ProxyError::Listen { address: at, error };
        let listener = TcpListener::bind(at).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let mix = Arc::new(Mix::new(instances.into(), plan, limits));
        let task = tokio::spawn(run(listener, Arc::clone(&mix)));
        Ok(Self { address, mix, task: Some(task) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The instances behind it, which may come and go.
    pub fn instances(&self) -> &Instances {
        &self.mix.instances
    }

    /// What became of each request.
    pub fn log(&self) -> &Log {
        &self.mix.log
    }

    /// Takes no more. Requests that are open have the grace of its limits to end.
    pub async fn end(mut self) {
        self.mix.stopping.send_replace(true);
        if let Some(task) = self.task.take()
            && let Err(Ok(panic)) = task.await.map_err(tokio::task::JoinError::try_into_panic)
        {
            // A bug stays a bug: it is told where it happened.
            std::panic::resume_unwind(panic);
        }
    }
}

impl Drop for Mixer {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Mix {
    fn new(instances: Instances, plan: Plan, limits: Limits) -> Self {
        Self {
            number: instances.next_balancer(),
            instances,
            plan,
            log: Log::new(limits.lines),
            affinity: Affinity::new(limits.remembered),
            limits,
            connections: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            changed: Notify::new(),
            stopping: watch::Sender::new(false),
        }
    }

    pub(super) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// A client's connection as instances know it.
    pub(super) fn client(&self, connection: u64) -> Client {
        (self.number, connection)
    }

    /// One request more.
    pub(super) fn enter(&self) {
        self.open.fetch_add(1, Ordering::AcqRel);
    }

    /// One request less.
    pub(super) fn leave(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.changed.notify_waiters();
        }
    }

    /// Who hears of it when the balancer is to end.
    pub(super) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    async fn idle(&self) {
        loop {
            let changed = self.changed.notified();
            if self.open.load(Ordering::Acquire) == 0 {
                return;
            }
            changed.await;
        }
    }
}

/// Waits until the balancer is to end.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // Its sender is there for as long as anybody can wait for it.
    let _ = stopping.wait_for(|set| *set).await;
}

async fn run(listener: TcpListener, mix: Arc<Mix>) {
    let mut stopping = mix.stopping();
    let connections = door::take(listener, mix.limits.connections, stopped(&mut stopping), |stream| {
        let mix = Arc::clone(&mix);
        async move { serve(stream, &mix).await }
    });
    let connections = connections.await;
    // What has not ended by then is cut off, and is in the log as that.
    let _ = tokio::time::timeout(mix.limits.grace, mix.idle()).await;
    door::close(connections).await;
}

async fn serve(stream: TcpStream, mix: &Arc<Mix>) {
    let connection = mix.connections.fetch_add(1, Ordering::Relaxed);
    let _over = Over(mix, connection);
    let mut stopping = mix.stopping();
    let beginning = tokio::select! {
        biased;
        beginning = begin(stream, &mix.limits) => beginning,
        () = stopped(&mut stopping) => return,
    };
    match beginning {
        Beginning::Http1(client, buffer, head) => http1::serve(client, buffer, head, mix, connection).await,
        Beginning::Http2(turn) => streams::serve(turn, mix, connection).await,
        Beginning::Unreadable(client, no) => {
            if let Some(refusal) = no.refusal(&mix.limits) {
                Passing::bad_call(mix, connection, "", &refusal);
                close(client, Some(&refusal.bytes(BY))).await;
            }
        }
    }
}

/// Closes what a client's connection has with instances when it is over, however it ends.
struct Over<'a>(&'a Mix, u64);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.instances.forget(self.0.client(self.1));
    }
}
