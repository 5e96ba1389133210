//! `protobuf/method-type-changed`: a request or reply is a message of another shape.

use prost_reflect::MessageDescriptor;

use crate::contract::protobuf::hit::Hit;
use crate::contract::protobuf::meeting::{Context, Meeting};
use crate::contract::protobuf::methods::Call;
use crate::contract::protobuf::rules;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/method-type-changed",
    severity: Severity::Breaking,
    summary: "A request or reply is a message of another shape",
    explanation: "Names of messages are not on the wire: a message of another name that has the same fields is read all the same. Requests are written by clients and read by servers, replies the other way round. Messages that keep their name are compared on their own.",
    remedy: "Give the new message the old one's fields, or add a method.",
};

/// Looks at one method.
pub fn check(call: &Call<'_>) -> Vec<Hit> {
    let Some(server) = &call.server else { return Vec::new() };
    let mut hits = compare(call.request, "request", call.client.input(), server.input());
    // A reply's writer is the server: its hits come with writer and reader in that order.
    let replies = compare(call.reply, "reply", server.output(), call.client.output());
    hits.extend(replies.into_iter().map(|mut hit| {
        std::mem::swap(&mut hit.positions.writer, &mut hit.positions.reader);
        hit
    }));
    hits
}

fn compare(context: &Context<'_>, what: &str, writer: MessageDescriptor, reader: MessageDescriptor) -> Vec<Hit> {
    if writer.full_name() == reader.full_name() {
        return Vec::new();
    }
    let sentence = format!("the {what} is written as `{}` and read as `{}`", writer.full_name(), reader.full_name());
    let meeting = Meeting::new(context, writer, reader);
    rules::messages(&meeting)
        .into_iter()
        .filter(|(_, hit)| hit.severity > Severity::Info)
        .map(|(_, hit)| Hit {
            at: format!("{what} {}", hit.at),
            message: format!("{sentence}: {}", hit.message),
            ..hit
        })
        .collect()
}
