//! Whether a server says of itself that it serves: `grpc.health.v1.Health`, whose messages need no descriptors.

use bytes::Bytes;

use super::client::{Terms, ask, call};
use super::read::raw::{self, Raw};
use crate::wire::http::Http;
use crate::wire::{Endpoint, Limits};

/// What is asked. The empty name stands for the server as a whole.
const CHECK: &str = "/grpc.health.v1.Health/Check";
/// The status that says so.
const SERVING: u64 = 1;

/// Whether the server there serves.
pub async fn is_serving(http: &Http, to: &Endpoint, limits: &Limits) -> bool {
    let asked = ask(http, to, &call(CHECK, &[Bytes::new()], &Terms::default()), false, limits).await;
    let Ok(answered) = asked else { return false };
    let (messages, trouble) = answered.messages();
    let [message] = messages.as_slice() else { return false };
    let mut serves = false;
    let read = raw::each(message, |number, value| {
        if number == 1 {
            serves = value == Raw::Varint(SERVING);
        }
        Ok(())
    });
    answered.ending(None).code.is_ok() && trouble.is_none() && read.is_ok() && serves
}
