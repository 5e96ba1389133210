//! A client's connection of HTTP/2, stream by stream.

use std::sync::Arc;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{Method, Request};
use tokio::task::JoinSet;

use super::BY;
use super::exchange::nobody;
use super::mixer::{Mix, stopped};
use super::passing::Passing;
use crate::proxy::door::raise;
use crate::proxy::ear::{CallEar, ReplyEar};
use crate::proxy::http1::{Refusal, Turn};
use crate::proxy::http2::{Broken, Stream, accept, pass_on_as_http1, pass_on_as_http2, refuse};

/// Serves it until it ends.
pub(super) async fn serve(turn: Turn, mix: &Arc<Mix>, connection: u64) {
    let limits = &mix.limits;
    let Turn { stream, buffer, upgraded } = turn;
    let Some(mut client) = accept(stream, buffer, upgraded.as_ref(), limits).await else { return };
    let mut tasks = JoinSet::new();
    let (mut stopping, mut told) = (mix.stopping(), false);
    loop {
        tokio::select! {
            accepted = tokio::time::timeout(limits.stall, client.accept()) => match accepted {
                Ok(Some(Ok((request, respond)))) => {
                    let mix = Arc::clone(mix);
                    tasks.spawn(async move { serve_stream(request, respond, &mix, connection).await });
                }
                Ok(Some(Err(_)) | None) => break,
                // Idle, as far as new streams go: those that are open may last.
                Err(_) => if !client.has_streams() { client.graceful_shutdown() },
            },
            Some(joined) = tasks.join_next(), if !tasks.is_empty() => raise(joined),
            () = stopped(&mut stopping), if !told => {
                told = true;
                client.graceful_shutdown();
            }
        }
    }
    tasks.shutdown().await;
}

/// One stream: a request, as long as it and its reply last.
async fn serve_stream(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, mix: &Arc<Mix>, connection: u64) {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if parts.method == Method::CONNECT {
        let refusal = Refusal::new(501, "a tunnel over HTTP/2 can't be passed on");
        Passing::bad_call(mix, connection, "CONNECT", &refusal);
        return refuse(&mut respond, &refusal, BY);
    }
    let cookies = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let passing = Arc::new(Passing::begin(mix, connection, (parts.method.as_str(), target), cookies));
    let Some(instance) = passing.instance() else {
        passing.nobody();
        return refuse(&mut respond, &nobody(), BY);
    };
    let limits = &mix.limits;
    let link = instance.link(mix.client(connection));
    let (call, reply) = (CallEar::Mix(Arc::clone(&passing)), ReplyEar::Mix(Arc::clone(&passing)));
    let speaks = mix.instances.speaks_http2(instance, limits.head_time).await;
    let passed_on = if speaks {
        match link.http2(&instance.endpoint, limits).await {
            Ok((wire, used)) => {
                passing.over(used);
                let stream = Stream { parts, body, respond: &mut respond, call, reply, limits };
                pass_on_as_http2(stream, wire.send()).await
            }
            Err(refusal) => {
                passing.refused(&refusal);
                Err(Broken::Refused(refusal))
            }
        }
    } else {
        let stream = Stream { parts, body, respond: &mut respond, call, reply, limits };
        pass_on_as_http1(stream, &link.http1, &instance.endpoint).await
    };
    match passed_on {
        Ok(()) => {}
        Err(Broken::Refused(refusal)) => refuse(&mut respond, &refusal, BY),
        Err(broken) => {
            match broken {
                Broken::ByTarget(_) => passing.broke_off(),
                Broken::Stalled => passing.timed_out(),
                Broken::ByClient | Broken::Refused(_) => passing.abandoned(),
            }
            respond.send_reset(broken.reason());
        }
    }
}
