//! One call: which method it is of, how long it may take, and how it ends.

use std::time::Duration;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::SendResponse;
use http::{HeaderMap, Request, Response, StatusCode};
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use tokio::time::{sleep, timeout};

use super::descriptors::Services;
use super::frames::{Incoming, Outgoing};
use super::status::Status;
use super::{baskets, health, orders, parcels, products};
use crate::app::App;
use crate::random;

/// A method of one message that answers with one.
type Unary = fn(&App, &MessageDescriptor, &DynamicMessage) -> Result<DynamicMessage, Status>;

/// Answers it.
pub async fn answer(app: App, services: Services, request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let (head, body) = request.into_parts();
    if !is_grpc(&head.headers) {
        let mut refusal = Response::new(());
        *refusal.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        // Whoever has gone misses it.
        let _ = respond.send_response(refusal, true);
        return;
    }
    let mut outgoing = Outgoing::new(respond);
    let ended = match services.method(head.uri.path()) {
        None => Err(Status::unimplemented("nothing is served here")),
        Some(method) => {
            let mut incoming = Incoming::new(body, method.input());
            let work = work(&app, &method, &mut incoming, &mut outgoing);
            match deadline(&head.headers) {
                None => work.await,
                Some(deadline) => timeout(deadline, work).await.unwrap_or_else(|_| Err(Status::deadline_exceeded())),
            }
        }
    };
    outgoing.end(&ended);
}

/// Holds the reply back a little, as on the pages, and does what the method does.
async fn work(
    app: &App,
    method: &MethodDescriptor,
    incoming: &mut Incoming,
    outgoing: &mut Outgoing,
) -> Result<(), Status> {
    sleep(Duration::from_micros(random::below(app.dialect.jitter_ms() * 1000))).await;
    let gives = method.output();
    let unary: Unary = match method.name() {
        "GetProduct" => products::one,
        "Search" => products::search,
        "Estimate" => |_, gives, asked| Ok(parcels::estimate(gives, asked)),
        "AddToBasket" => baskets::add,
        "PlaceOrder" => orders::place,
        "GetOrder" => orders::one,
        "Check" => health::check,
        "FillBasket" => {
            outgoing.say(&baskets::fill(app, &gives, incoming).await?);
            return Ok(());
        }
        "ListOrders" => return orders::list(app, &gives, incoming, outgoing).await,
        "Quote" => return products::quote(app, &gives, incoming, outgoing).await,
        _ => return Err(Status::unimplemented("nothing is served here")),
    };
    outgoing.say(&unary(app, &gives, &incoming.only().await?)?);
    Ok(())
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let media = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    matches!(media.split([';', '+']).next(), Some("application/grpc"))
}

/// How long the caller waits: at most eight digits and a unit.
fn deadline(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}
