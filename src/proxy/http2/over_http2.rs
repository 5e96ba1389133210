//! A stream to a target that speaks HTTP/2 too.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Request, Response};

use super::broken::Broken;
use super::fields;
use super::pump::{self, Lost, Unsent};
use super::streams::{Stream, both};
use crate::proxy::ear::{CallEar, ReplyEar};

/// Passes it on.
pub(in crate::proxy) async fn pass_on(stream: Stream<'_>, send: SendRequest<Bytes>) -> Result<(), Broken> {
    let Stream { parts, body, respond, call, reply, limits } = stream;
    let stall = limits.stall;
    let ready = tokio::time::timeout(stall, send.ready()).await.map_err(|_| Broken::Stalled)?;
    let mut send = ready.map_err(|error| Broken::by_target(&error))?;
    let ended = body.is_end_stream();
    let request = Request::from_parts(parts, ());
    let (response, to) = send.send_request(request, ended).map_err(|error| Broken::by_target(&error))?;
    let calling = calling(body, to, ended, call, stall);
    both(calling, answering(response, respond, reply, stall)).await.map(|_| ())
}

async fn calling(
    mut body: RecvStream,
    mut to: SendStream<Bytes>,
    ended: bool,
    call: CallEar,
    stall: Duration,
) -> Result<(), Broken> {
    if !ended {
        while let Some(data) = pump::next(&mut body, stall).await {
            let data = data.map_err(|_| Broken::ByClient)?;
            let length = data.len();
            call.push(&data);
            pump::push(&mut to, data, stall).await.map_err(|Unsent| Broken::ByTarget(None))?;
            pump::took(&mut body, length);
        }
        let trailers = body.trailers().await.map_err(|_| Broken::ByClient)?;
        end(&mut to, trailers).map_err(|_| Broken::ByTarget(None))?;
    }
    call.end();
    Ok(())
}

async fn answering(
    mut response: ResponseFuture,
    respond: &mut SendResponse<Bytes>,
    reply: ReplyEar,
    stall: Duration,
) -> Result<(), Broken> {
    let response = loop {
        match tokio::time::timeout(stall, next(&mut response, respond)).await.map_err(|_| Broken::Stalled)?? {
            Next::Interim(interim) => {
                let status = interim.status().as_u16();
                respond.send_informational(interim).map_err(|_| Broken::ByClient)?;
                reply.interim(status);
            }
            Next::Final(response) => break response,
        }
    };
    let (parts, mut body) = response.into_parts();
    reply.head(parts.status.as_u16(), fields::metadata(&parts.headers), None);
    let ended = body.is_end_stream();
    reply.ends(ended);
    let mut to = respond.send_response(Response::from_parts(parts, ()), ended).map_err(|_| Broken::ByClient)?;
    let mut trailers = None;
    if !ended {
        loop {
            let data = tokio::select! {
                data = pump::next(&mut body, stall) => data,
                // One that only listens is gone all the same.
                _ = poll_fn(|context| to.poll_reset(context)) => return Err(Broken::ByClient),
            };
            let Some(data) = data else { break };
            let data = data.map_err(|lost| match lost {
                Lost::Reset(error) => Broken::by_target(&error),
                Lost::Stalled => Broken::Stalled,
            })?;
            let length = data.len();
            reply.push(&data);
            // What comes last may come with its end.
            reply.ends(body.is_end_stream());
            pump::push(&mut to, data, stall).await.map_err(|Unsent| Broken::ByClient)?;
            pump::took(&mut body, length);
        }
        trailers = body.trailers().await.map_err(|error| Broken::by_target(&error))?;
        let fields = trailers.clone();
        reply.ends(true);
        end(&mut to, fields).map_err(|_| Broken::ByClient)?;
    }
    reply.end(fields::metadata(&trailers.unwrap_or_default()));
    Ok(())
}

/// Ends a body, with what comes after it.
pub(super) fn end(to: &mut SendStream<Bytes>, trailers: Option<HeaderMap>) -> Result<(), h2::Error> {
    match trailers {
        Some(trailers) => to.send_trailers(trailers),
        None => to.send_data(Bytes::new(), true),
    }
}

/// What a target answers next.
enum Next {
    Interim(Response<()>),
    Final(Response<RecvStream>),
}

/// Waits for it, as long as the client does.
async fn next(response: &mut ResponseFuture, respond: &mut SendResponse<Bytes>) -> Result<Next, Broken> {
    poll_fn(|context| {
        if let Poll::Ready(Some(interim)) = response.poll_informational(context) {
            return Poll::Ready(interim.map(Next::Interim).map_err(|error| Broken::by_target(&error)));
        }
        if let Poll::Ready(done) = std::pin::Pin::new(&mut *response).poll(context) {
            return Poll::Ready(done.map(Next::Final).map_err(|error| Broken::by_target(&error)));
        }
        respond.poll_reset(context).map(|_| Err(Broken::ByClient))
    })
    .await
}
