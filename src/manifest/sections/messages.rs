//! `[messages.NAME]`

use crate::manifest::MessagesSpec;
use crate::manifest::node::Table;
use crate::manifest::shape::{Key, Section, Shape};

pub(super) static MESSAGES: Section = Section {
    name: "messages",
    doc: "A queue that one version fills and the other may empty.",
    keys: &[
        Key::required(
            "broker",
            Shape::Choice(&["nats", "amqp", "redis", "kafka", "directory"]),
            "Who holds the messages.",
        ),
        Key::required("subject", Shape::Text, "The subject, queue or topic."),
    ],
};

pub(super) fn read(name: &str, table: &Table) -> Option<(String, MessagesSpec)> {
    let spec = MessagesSpec { broker: table.text("broker")?.to_owned(), subject: table.text("subject")?.to_owned() };
    Some((name.to_owned(), spec))
}
