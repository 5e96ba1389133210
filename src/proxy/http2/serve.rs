//! A client's connection: its streams, until it ends.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use h2::client::{Connection, SendRequest};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::over_http1::Connections;
use super::streams::{self, Upstream};
use super::turn::{self, Ahead};
use crate::proxy::Limits;
use crate::proxy::http1::{Refusal, RequestHead, connect};
use crate::proxy::listen::Shared;
use crate::wire::Endpoint;

/// Streams of one connection at a time: what RFC 9113 (6.5.2) says that peers should at least allow.
const STREAMS: u32 = 100;
/// How far one stream's data may run ahead of being taken, in bytes.
const WINDOW: u32 = 256 << 10;
/// And that of all streams of a connection.
const ALL_WINDOWS: u32 = 1 << 20;

/// Passes a client's connection on until it ends.
pub(in crate::proxy) async fn serve(
    stream: TcpStream,
    buffer: BytesMut,
    upgraded: Option<RequestHead>,
    shared: &Arc<Shared>,
    name: &str,
) {
    let limits = &shared.limits;
    let Some(mut client) = accept(stream, buffer, upgraded.as_ref(), limits).await else { return };
    let mut tasks = JoinSet::new();
    let (upstream, gone) = match upstream(shared, &mut tasks).await {
        Ok(upstream) => upstream,
        Err(refusal) => (Upstream::Nowhere(refusal), None),
    };
    let upstream = Arc::new(upstream);
    let name: Arc<str> = name.into();
    let (mut gone, mut stopping) = (gone, false);
    loop {
        tokio::select! {
            accepted = tokio::time::timeout(limits.stall, client.accept()) => match accepted {
                Ok(Some(Ok((request, respond)))) => {
                    let (upstream, shared, name) = (Arc::clone(&upstream), Arc::clone(shared), Arc::clone(&name));
                    tasks.spawn(async move { streams::serve(request, respond, &upstream, &shared, &name).await });
                }
                Ok(Some(Err(_)) | None) => break,
                // Idle, as far as new streams go: those that are open may last.
                Err(_) => if !client.has_streams() { client.graceful_shutdown() },
            },
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            // One connection of the client, one of the target: what the target closes is closed.
            () = ended(&mut gone) => client.graceful_shutdown(),
            () = shared.recorder.stopped(), if !stopping => {
                stopping = true;
                client.graceful_shutdown();
            }
        }
    }
    tasks.shutdown().await;
}

/// A client's connection, once it goes on in HTTP/2; none where it doesn't.
pub(in crate::proxy) async fn accept(
    stream: TcpStream,
    buffer: BytesMut,
    upgraded: Option<&RequestHead>,
    limits: &Limits,
) -> Option<h2::server::Connection<Ahead, Bytes>> {
    let stream = match upgraded {
        None => Ahead::new(buffer.freeze(), stream),
        Some(first) => turn::take(stream, buffer, first, limits).await?,
    };
    let handshake = server(limits).handshake::<_, Bytes>(stream);
    tokio::time::timeout(limits.head_time, handshake).await.ok()?.ok()
}

fn server(limits: &Limits) -> h2::server::Builder {
    let mut builder = h2::server::Builder::new();
    builder
        .max_concurrent_streams(STREAMS)
        .initial_window_size(WINDOW)
        .initial_connection_window_size(ALL_WINDOWS)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX));
    builder
}

/// Told when the connection to the target is over.
type Gone = tokio::sync::oneshot::Receiver<()>;

/// What the streams go to. A connection that must be kept going is, in one of `tasks`.
async fn upstream(shared: &Arc<Shared>, tasks: &mut JoinSet<()>) -> Result<(Upstream, Option<Gone>), Refusal> {
    if !shared.speakers.speaks(&shared.route.target, shared.limits.head_time).await {
        return Ok((Upstream::Http1(Connections::default()), None));
    }
    let (send, connection) = open(&shared.route.target, &shared.limits).await?;
    let (tell, gone) = tokio::sync::oneshot::channel();
    tasks.spawn(async move {
        // Its errors are told to the streams.
        let _ = connection.await;
        let _ = tell.send(());
    });
    Ok((Upstream::Http2(send), Some(gone)))
}

/// A connection to the target, and what must be kept going for it.
pub(in crate::proxy) async fn open(
    target: &Endpoint,
    limits: &Limits,
) -> Result<(SendRequest<Bytes>, Connection<TcpStream>), Refusal> {
    let stream = connect(target, limits).await?;
    let mut builder = h2::client::Builder::new();
    builder
        .enable_push(false)
        .initial_window_size(WINDOW)
        .initial_connection_window_size(ALL_WINDOWS)
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX));
    let unsaid = |_| Refusal::new(502, format!("the target {target} does not go on in HTTP/2"));
    builder.handshake(stream).await.map_err(unsaid)
}

/// Ends once, when the target's connection is over; never, where there is none.
async fn ended(gone: &mut Option<Gone>) {
    match gone {
        Some(receiver) => {
            // Dropped or told: it is over.
            let _ = receiver.await;
            *gone = None;
        }
        None => std::future::pending().await,
    }
}
