//! One connection, on which calls go side by side.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{Request, Response};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::reply;
use crate::model::{Fault, Metadata, Reply};
use crate::wire::http::body::Collected;
use crate::wire::http::head::{MAX_HEAD, MAX_INTERIM};
use crate::wire::http::window::{MAX_STREAM, Window};
use crate::wire::{Endpoint, Limits, Received};

/// How much of one reply may be under way, in bytes.
const STREAM_WINDOW: u32 = 1 << 20;
/// How much of all replies of a connection.
const CONNECTION_WINDOW: u32 = 4 << 20;
/// How much of a call is waiting to go out, in bytes.
const SEND_BUFFER: usize = 64 << 10;

/// An open connection, and the task that reads from it; it ends when this is dropped.
#[derive(Debug)]
pub(in crate::wire::http) struct Connection {
    sender: SendRequest<Bytes>,
    driver: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    /// Connects to `to`.
    pub async fn open(to: &Endpoint) -> Result<Self, Fault> {
        let stream = TcpStream::connect((to.host.as_str(), to.port)).await.map_err(|_| Fault::Refused)?;
        // A connection without it is slower, not wrong.
        let _ = stream.set_nodelay(true);
        let (sender, connection) = Builder::new()
            .enable_push(false)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX))
            .max_send_buffer_size(SEND_BUFFER)
            .max_concurrent_reset_streams(16)
            .handshake(stream)
            .await
            .map_err(|error| reply::fault(&error, false))?;
        // What ends the connection ends every stream on it, and each says why.
        let driver = tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, driver })
    }

    /// Whether another call may go over it, as far as is known.
    pub fn is_open(&self) -> bool {
        !self.driver.is_finished()
    }

    /// Sends a call and reads its reply.
    ///
    /// Reading begins while still writing: a server may refuse a long body before it has come.
    pub async fn exchange(
        &self,
        request: Request<()>,
        body: Bytes,
        limits: &Limits,
        streams: bool,
        head_came: &AtomicBool,
    ) -> Result<Received, Fault> {
        let mut sender = self.sender.clone().ready().await.map_err(|error| reply::fault(&error, false))?;
        let sent = sender.send_request(request, body.is_empty());
        let (response, mut stream) = sent.map_err(|error| reply::fault(&error, false))?;
        let read = receive(response, limits, streams, head_came);
        if body.is_empty() {
            return read.await;
        }
        let write = send(&mut stream, body);
        tokio::pin!(write, read);
        let mut written = false;
        loop {
            tokio::select! {
                biased;
                // A body that the server doesn't want has its reply, or the trouble shows there.
                _ = &mut write, if !written => written = true,
                received = &mut read => return received,
            }
        }
    }
}

/// Sends a body as fast as the server takes it.
async fn send(stream: &mut SendStream<Bytes>, mut body: Bytes) -> Result<(), h2::Error> {
    loop {
        stream.reserve_capacity(body.len().min(SEND_BUFFER));
        let Some(capacity) = poll_fn(|context| stream.poll_capacity(context)).await else { return Ok(()) };
        let now = body.split_to(capacity?.min(body.len()));
        stream.send_data(now, body.is_empty())?;
        if body.is_empty() {
            return Ok(());
        }
    }
}

async fn receive(
    response: ResponseFuture,
    limits: &Limits,
    streams: bool,
    head_came: &AtomicBool,
) -> Result<Received, Fault> {
    let response = head(response).await?;
    head_came.store(true, Ordering::Relaxed);
    let status = response.status().as_u16();
    let metadata = reply::metadata(response.headers());
    let mut incoming = response.into_body();
    let mut window = Window::of(&metadata, limits).or_else(|| streams.then(|| Window::from_now(limits)));
    let is_stream = window.is_some();
    let mut body = Collected::new(if is_stream { limits.max_body.min(MAX_STREAM) } else { limits.max_body });
    let read = data(&mut incoming, &mut body, &mut window).await;
    let open = match read {
        Ok(open) => open,
        Err(Fault::TooLong(_)) if is_stream => true,
        Err(fault) => return Err(fault),
    };
    let trailers = if open { None } else { incoming.trailers().await.map_err(|error| reply::fault(&error, true))? };
    let trailers = trailers.map_or_else(Metadata::new, |trailers| reply::metadata(&trailers));
    Ok(Received { reply: Reply { status, metadata, body: body.whole(), trailers }, open })
}

/// The final reply's head; interim ones before it are passed over.
async fn head(mut response: ResponseFuture) -> Result<Response<RecvStream>, Fault> {
    let mut interim = 0;
    poll_fn(|context| {
        while let Poll::Ready(Some(one)) = response.poll_informational(context) {
            if let Err(error) = one {
                return Poll::Ready(Err(reply::fault(&error, false)));
            }
            interim += 1;
            if interim > MAX_INTERIM {
                return Poll::Ready(Err(Fault::Malformed(format!("more than {MAX_INTERIM} interim replies"))));
            }
        }
        let response = std::pin::Pin::new(&mut response);
        Future::poll(response, context).map_err(|error| reply::fault(&error, false))
    })
    .await
}

/// Reads a body; whether it is a stream that goes on.
async fn data(incoming: &mut RecvStream, body: &mut Collected, window: &mut Option<Window>) -> Result<bool, Fault> {
    loop {
        let next = match window {
            None => incoming.data().await,
            Some(window) => match tokio::time::timeout(window.patience(), incoming.data()).await {
                Ok(next) => next,
                Err(_) => return Ok(true),
            },
        };
        let Some(bytes) = next.transpose().map_err(|error| reply::fault(&error, true))? else { return Ok(false) };
        if let Some(window) = window {
            window.saw(&bytes);
        }
        body.push(&bytes)?;
        // A stream that is reset meanwhile says so with the next bytes.
        let _ = incoming.flow_control().release_capacity(bytes.len());
    }
}
