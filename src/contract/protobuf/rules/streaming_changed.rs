//! `protobuf/streaming-changed`: a method streams for one side and not for the other.

use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::methods::Call;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/streaming-changed",
    severity: Severity::Breaking,
    summary: "A method streams for one side and not for the other",
    explanation: "A side that expects exactly one message fails on none and on more than one. A side that expects a stream reads one message from a gRPC peer, but Connect and gRPC-Web peers send streams under another content type: a risk.",
    remedy: "Add a streaming method beside the other one.",
};

/// Looks at one method.
pub fn check(call: &Call<'_>) -> Vec<Hit> {
    let Some(server) = &call.server else { return Vec::new() };
    let sides = [
        // Who writes, whether it streams; who reads, whether it streams.
        ("requests", "the client", call.client.is_client_streaming(), "the server", server.is_client_streaming()),
        ("replies", "the server", server.is_server_streaming(), "the client", call.client.is_server_streaming()),
    ];
    let differing = sides.into_iter().filter(|(_, _, ours, _, theirs)| ours != theirs);
    differing
        .map(|(what, writer, streams, reader, _)| {
            let (severity, message) = if streams {
                (Severity::Breaking, format!("{writer} streams {what}, and {reader} takes exactly one"))
            } else {
                (Severity::Risk, format!("{writer} sends one of the {what}, and {reader} takes a stream"))
            };
            Hit { severity, at: what.to_owned(), message, shown: None, positions: call.positions() }
        })
        .collect()
}
