//! One stream of a client: an exchange.

use std::sync::Arc;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::{Method, Request, Response, StatusCode};

use super::broken::Broken;
use super::fields;
use super::over_http1::{self, Connections};
use super::over_http2;
use crate::proxy::Limits;
use crate::proxy::ear::{CallEar, ReplyEar};
use crate::proxy::http1::{BY, Refusal};
use crate::proxy::listen::Shared;
use crate::proxy::tape::Unrecorded;

/// Where a client's streams go.
pub(super) enum Upstream {
    /// To streams of one connection.
    Http2(h2::client::SendRequest<Bytes>),
    /// To connections of HTTP/1.1.
    Http1(Connections),
    /// To nobody.
    Nowhere(Refusal),
}

/// A stream while it lasts.
pub(in crate::proxy) struct Stream<'a> {
    /// The request's head.
    pub parts: http::request::Parts,
    /// Its body.
    pub body: RecvStream,
    /// Where the reply goes.
    pub respond: &'a mut SendResponse<Bytes>,
    /// Who hears of the call.
    pub call: CallEar,
    /// And of the reply.
    pub reply: ReplyEar,
    /// Its bounds.
    pub limits: &'a Limits,
}

/// Passes one on.
pub(super) async fn serve(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    upstream: &Upstream,
    shared: &Arc<Shared>,
    name: &str,
) {
    let (mut parts, body) = request.into_parts();
    if let Some(host) = &shared.route.host {
        fields::set_host(&mut parts, host);
    }
    let call = fields::call(&parts);
    let subject = format!("{} {}", call.method, call.target);
    let tell = |why: Unrecorded| shared.recorder.tally().unrecorded(why, &subject);
    if parts.method == Method::CONNECT {
        tell(Unrecorded::BadCall);
        return refuse(&mut respond, &Refusal::new(501, "a tunnel over HTTP/2 can't be passed on"), BY);
    }
    if let Upstream::Nowhere(refusal) = upstream {
        tell(Unrecorded::Unreached);
        return refuse(&mut respond, refusal, BY);
    }
    let size = fields::size(&parts.headers);
    let Some((call, reply)) = shared.recorder.begin(fields::via(name), call, size).await else {
        return respond.send_reset(Reason::REFUSED_STREAM);
    };
    let (call, reply) = (CallEar::Tape(call), ReplyEar::Tape(reply));
    let stream = Stream { parts, body, respond: &mut respond, call, reply, limits: &shared.limits };
    let passed_on = match upstream {
        Upstream::Http2(send) => over_http2::pass_on(stream, send.clone()).await,
        Upstream::Http1(connections) => {
            tell(Unrecorded::Translated);
            over_http1::pass_on(stream, connections, &shared.route.target).await
        }
        Upstream::Nowhere(_) => Ok(()),
    };
    match passed_on {
        Ok(()) => {}
        Err(Broken::Refused(refusal)) => refuse(&mut respond, &refusal, BY),
        Err(broken) => respond.send_reset(broken.reason()),
    }
}

/// Answers instead of the target. Where the reply has begun already the stream is reset.
pub(in crate::proxy) fn refuse(respond: &mut SendResponse<Bytes>, refusal: &Refusal, by: &str) {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = Response::new(());
    *response.status_mut() = status;
    let media = http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, media);
    match respond.send_response(response, false) {
        // It is gone where it can't be told.
        Ok(mut body) => drop(body.send_data(refusal.text(by).into(), true)),
        Err(_) => respond.send_reset(Reason::INTERNAL_ERROR),
    }
}

/// Both directions at once, until the reply has ended and the call too. What becomes of a call whose target takes no more of it
/// is for the reply to say.
pub(super) async fn both(
    calling: impl Future<Output = Result<(), Broken>>,
    answering: impl Future<Output = Result<(), Broken>>,
) -> Result<bool, Broken> {
    tokio::pin!(calling, answering);
    let (mut called, mut answered, mut whole) = (false, false, true);
    while !(called && answered) {
        tokio::select! {
            done = &mut calling, if !called => {
                called = true;
                match done {
                    Ok(()) => {}
                    Err(Broken::ByTarget(_)) => whole = false,
                    Err(broken) if !answered => return Err(broken),
                    Err(_) => whole = false,
                }
            }
            done = &mut answering, if !answered => {
                done?;
                answered = true;
            }
        }
    }
    Ok(whole)
}
