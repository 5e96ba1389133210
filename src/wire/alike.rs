//! Replies to the same call side by side: what one is decoded to serves all that carry the same bytes.

use super::grpc::Reading;
use super::protocol::{Asked, Protocol, Received};
use crate::model::{Answer, Reply};

/// Decodes replies that are alike once. Most replies of two builds are equal byte for byte.
#[derive(Debug, Default)]
pub struct Alike {
    known: Vec<(Reply, Option<Reading>, Answer)>,
}

impl Alike {
    /// The next reply, decoded; its document is that of an earlier one which carries the same.
    pub fn decode(&mut self, protocol: &dyn Protocol, asked: &Asked<'_>, received: Received) -> Answer {
        let Received { reply, open } = received;
        if open {
            return protocol.decode_open(asked, &reply);
        }
        let is_like = |like: &Reply, reading: &Option<Reading>| {
            // How a remote procedure ended stands outside of the body.
            let ends_alike = asked.procedure.is_none() || *like == reply;
            ends_alike && reading.as_ref() == asked.reading && same_payload(like, &reply)
        };
        if let Some((_, _, answer)) = self.known.iter().find(|(like, reading, _)| is_like(like, reading)) {
            let (content, rpc) = (answer.content.clone(), answer.rpc.clone());
            let Reply { status, metadata, trailers, .. } = reply;
            return Answer { status, metadata, trailers, content, rpc };
        }
        let answer = protocol.decode(asked, &reply);
        self.known.push((reply, asked.reading.cloned(), answer.clone()));
        answer
    }
}

/// Whether two replies carry the same bytes, to be read in the same way.
fn same_payload(one: &Reply, other: &Reply) -> bool {
    one.body == other.body
        && ["content-type", "content-encoding"].iter().all(|name| one.metadata.all(name).eq(other.metadata.all(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Metadata};
    use crate::wire::http::Http;

    /// Whether the second of two replies shares the first one's document.
    fn check(first: (&str, &str), second: (&str, &str), shared: bool) {
        let mut alike = Alike::default();
        let [one, other] = [first, second].map(|(media, body)| {
            let metadata = Metadata::from_iter([("content-type", media)]);
            let reply = Reply { status: 200, metadata, body: Body::of(body.to_owned()), ..Reply::default() };
            alike.decode(&Http::new(), &Asked::default(), Received { reply, open: false })
        });
        assert_eq!(std::ptr::eq(one.content.document(), other.content.document()), shared, "{first:?} {second:?}");
        assert_eq!(other.metadata.get("content-type"), Some(second.0));
    }

    #[test]
    fn only_what_is_read_alike_is_shared() {
        let json = "application/json";
        check((json, "[1]"), (json, "[1]"), true);
        check((json, "[1]"), (json, "[2]"), false);
        check((json, "[1]"), ("text/plain", "[1]"), false);
    }
}
