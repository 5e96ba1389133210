//! The proxy: it listens, takes connections within its limit, and ends in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use super::{Limits, ProxyError, Recorder, Route, http1, http2};
use crate::wire::http::Speakers;

/// How long connections have to send what has been recorded already, before tunnels and idlers are cut off.
const FLUSH: Duration = Duration::from_millis(500);
/// After a connection that could not be taken (no more files, say) the next is tried so much later.
const BREATH: Duration = Duration::from_millis(50);

/// A proxy that listens.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What all connections have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) route: Route,
    pub(super) recorder: Recorder,
    pub(super) limits: Limits,
    /// Whether the target speaks HTTP/2 by prior knowledge; asked when a client speaks it.
    pub(super) speakers: Speakers,
    connections: AtomicU64,
}

impl Proxy {
    /// Listens at that address; port 0 is any that is free.
    pub async fn listen(at: SocketAddr, route: Route, recorder: Recorder, limits: Limits) -> Result<Self, ProxyError> {
        let failed = |error| ProxyError::Listen { address: at, error };
        let listener = TcpListener::bind(at).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (speakers, connections) = (Speakers::default(), AtomicU64::new(0));
        let shared = Arc::new(Shared { route, recorder, limits, speakers, connections });
        Ok(Self { listener, address, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Passes traffic on until `stop` ends or the recording fails. Then it takes no more, and open exchanges have the grace of
    /// its limits to end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let Self { listener, shared, .. } = self;
        let room = Arc::new(Semaphore::new(shared.limits.connections));
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let accept = async {
                let permit = Arc::clone(&room).acquire_owned().await;
                (listener.accept().await, permit)
            };
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = shared.recorder.failed() => break,
                Some(joined) = connections.join_next(), if !connections.is_empty() => raise(joined),
                (accepted, permit) = accept => match accepted {
                    Ok((stream, _)) => {
                        let shared = Arc::clone(&shared);
                        connections.spawn(async move {
                            serve(stream, &shared).await;
                            drop(permit);
                        });
                    }
                    Err(_) => tokio::time::sleep(BREATH).await,
                },
            }
        }
        drop(listener);
        // What has not ended by then is cut off, and told of by the halves that are dropped.
        let _ = tokio::time::timeout(shared.limits.grace, shared.recorder.wind_down()).await;
        let flushed = async {
            while let Some(joined) = connections.join_next().await {
                raise(joined);
            }
        };
        let _ = tokio::time::timeout(FLUSH, flushed).await;
        connections.shutdown().await;
    }
}

/// A bug stays a bug: it is told where it happened.
fn raise(joined: Result<(), JoinError>) {
    if let Err(Ok(panic)) = joined.map_err(JoinError::try_into_panic) {
        std::panic::resume_unwind(panic);
    }
}

async fn serve(stream: TcpStream, shared: &Arc<Shared>) {
    // A connection without it is slower, not wrong.
    let _ = stream.set_nodelay(true);
    let name = shared.connections.fetch_add(1, Ordering::Relaxed).to_string();
    match http1::serve(stream, shared, &name).await {
        None => {}
        Some(http1::Turn { stream, buffer, upgraded }) => http2::serve(stream, buffer, upgraded, shared, &name).await,
    }
}
