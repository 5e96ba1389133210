//! The proxy: it listens, takes connections within its limit, and ends in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::{TcpListener, TcpStream};

use super::{Limits, ProxyError, Recorder, Route, door, http1, http2};
use crate::wire::http::Speakers;

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
        let stop = async {
            tokio::select! {
                biased;
                () = stop => {}
                () = shared.recorder.failed() => {}
            }
        };
        let connections = door::take(listener, shared.limits.connections, stop, |stream| {
            let shared = Arc::clone(&shared);
            async move { serve(stream, &shared).await }
        });
        let connections = connections.await;
        // What has not ended by then is cut off, and told of by the halves that are dropped.
        let _ = tokio::time::timeout(shared.limits.grace, shared.recorder.wind_down()).await;
        door::close(connections).await;
    }
}

async fn serve(stream: TcpStream, shared: &Arc<Shared>) {
    let name = shared.connections.fetch_add(1, Ordering::Relaxed).to_string();
    match http1::serve(stream, shared, &name).await {
        None => {}
        Some(http1::Turn { stream, buffer, upgraded }) => http2::serve(stream, buffer, upgraded, shared, &name).await,
    }
}
