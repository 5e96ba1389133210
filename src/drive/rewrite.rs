//! Identity on sending: the recorded host becomes the instance's own, wherever a call names it.

use bytes::Bytes;

use crate::model::{Body, Call};

/// Rewrites the host that a call was recorded with to the one that it is sent to.
pub(super) fn rewrite(call: &mut Call, recorded: &str, live: &str) {
    if recorded == live || recorded.is_empty() {
        return;
    }
    let pairs = needles(recorded, live);
    let apply = |text: &str| pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    call.target = apply(&call.target);
    for (name, value) in call.metadata.iter_mut() {
        if name.eq_ignore_ascii_case("host") {
            live.clone_into(value);
        } else {
            *value = apply(value);
        }
    }
    if let Body::Frames(frames) = &mut call.body {
        for frame in frames {
            for (from, to) in &pairs {
                if memchr::memmem::find(frame, from.as_bytes()).is_some() {
                    *frame = replace(frame, from.as_bytes(), to.as_bytes());
                }
            }
        }
    }
}

/// What is replaced by what. A bare name without a port may be part of an address or a text: only URLs are rewritten then.
fn needles(recorded: &str, live: &str) -> Vec<(String, String)> {
    let encoded = |authority: &str| authority.replace(':', "%3A");
    let mut all = Vec::new();
    for scheme in ["https", "http"] {
        all.push((format!("{scheme}://{recorded}"), format!("http://{live}")));
        all.push((format!("{scheme}%3A%2F%2F{}", encoded(recorded)), format!("http%3A%2F%2F{}", encoded(live))));
    }
    if recorded.contains(':') {
        all.push((recorded.to_owned(), live.to_owned()));
        all.push((encoded(recorded), encoded(live)));
    }
    all
}

fn replace(frame: &Bytes, from: &[u8], to: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(frame.len());
    let mut last = 0;
    for at in memchr::memmem::find_iter(frame, from) {
        out.extend_from_slice(&frame[last..at]);
        out.extend_from_slice(to);
        last = at + from.len();
    }
    out.extend_from_slice(&frame[last..]);
    out.into()
}

/// Names under which the recorded host goes in recorded replies.
pub(super) fn recorded_names(recorded: &str) -> Vec<(String, String)> {
    if recorded.is_empty() {
        return Vec::new();
    }
    needles(recorded, "{host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metadata;

    fn check(recorded: &str, text: &str, expected: &str) {
        let mut call = Call {
            target: "/".to_owned(),
            metadata: Metadata::from_iter([("Host", recorded), ("Referer", text)]),
            body: Body::of(text.to_owned()),
            ..Call::default()
        };
        rewrite(&mut call, recorded, "127.0.0.1:9");
        assert_eq!(call.metadata.get("host"), Some("127.0.0.1:9"));
        assert_eq!(call.metadata.get("referer"), Some(expected));
        assert_eq!(call.body, Body::of(expected.to_owned()));
    }

    #[test]
    fn urls_of_the_recorded_host_become_the_instances_own() {
        check("127.0.0.1:23001", "http://127.0.0.1:23001/a", "http://127.0.0.1:9/a");
        check("shop.example", "https://shop.example/a", "http://127.0.0.1:9/a");
        check("shop.example", "anna@shop.example", "anna@shop.example");
        check("127.0.0.1:23001", "u=http%3A%2F%2F127.0.0.1%3A23001%2F", "u=http%3A%2F%2F127.0.0.1%3A9%2F");
    }
}
