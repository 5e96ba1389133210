//! Identity on sending: the recorded host becomes the instance's own, wherever a call names it.

use std::cell::LazyCell;

use bytes::Bytes;
use memchr::memmem::Finder;

use crate::model::{Body, Call};

/// The host that a call was recorded with, as texts name it.
pub(super) struct Hosts<'a> {
    recorded: &'a str,
    plain: Finder<'a>,
    encoded: Finder<'static>,
}

impl<'a> Hosts<'a> {
    pub(super) fn recorded(recorded: &'a str) -> Self {
        let encoded = Finder::new(&encoded(recorded)).into_owned();
        Self { recorded, plain: Finder::new(recorded), encoded }
    }

    /// Every needle holds the recorded host, as it is or encoded: most texts hold neither.
    fn stand_in(&self, bytes: &[u8]) -> bool {
        self.plain.find(bytes).is_some() || self.encoded.find(bytes).is_some()
    }

    /// Rewrites it to the one that a call is sent to.
    pub(super) fn rewrite(&self, call: &mut Call, live: &str) {
        if self.recorded == live || self.recorded.is_empty() {
            return;
        }
        let pairs = LazyCell::new(|| needles(self.recorded, live));
        let replace = |bytes: &[u8]| if self.stand_in(bytes) { replace(bytes, &pairs) } else { None };
        let apply = |text: &str| replace(text.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(target) = apply(&call.target) {
            call.target = target;
        }
        for (name, value) in call.metadata.iter_mut() {
            if name.eq_ignore_ascii_case("host") {
                live.clone_into(value);
            } else if let Some(rewritten) = apply(value) {
                *value = rewritten;
            }
        }
        if let Body::Frames(frames) = &mut call.body {
            for frame in frames {
                if let Some(rewritten) = replace(frame) {
                    *frame = Bytes::from(rewritten);
                }
            }
        }
    }
}

fn encoded(authority: &str) -> String {
    authority.replace(':', "%3A")
}

/// What is replaced by what. A bare name without a port may be part of an address or a text: only URLs are rewritten then.
fn needles(recorded: &str, live: &str) -> Vec<(String, String)> {
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

/// All needles replaced in one pass, what was put in never looked at again; none where none is there. A port ends where
/// its digits end.
fn replace(bytes: &[u8], pairs: &[(String, String)]) -> Option<Vec<u8>> {
    let mut hits: Vec<(usize, &(String, String))> = pairs
        .iter()
        .flat_map(|pair| memchr::memmem::find_iter(bytes, pair.0.as_bytes()).map(move |at| (at, pair)))
        .filter(|(at, (needle, _))| !bytes.get(at + needle.len()).is_some_and(u8::is_ascii_digit))
        .collect();
    if hits.is_empty() {
        return None;
    }
    // At the same place the longest needle wins, and so does the one that begins first.
    hits.sort_by_key(|(at, (needle, _))| (*at, std::cmp::Reverse(needle.len())));
    let mut out = Vec::with_capacity(bytes.len());
    let mut last = 0;
    for (at, (needle, name)) in hits {
        if at >= last {
            out.extend_from_slice(&bytes[last..at]);
            out.extend_from_slice(name.as_bytes());
            last = at + needle.len();
        }
    }
    out.extend_from_slice(&bytes[last..]);
    Some(out)
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
        Hosts::recorded(recorded).rewrite(&mut call, "127.0.0.1:9");
        assert_eq!(call.metadata.get("host"), Some("127.0.0.1:9"));
        assert_eq!(call.metadata.get("referer"), Some(expected));
        assert_eq!(call.body, Body::of(expected.to_owned()));
    }

    #[test]
    fn urls_of_the_recorded_host_become_the_instances_own() {
        check("127.0.0.1:23001", "http://127.0.0.1:23001/a", "http://127.0.0.1:9/a");
        check("shop.example", "https://shop.example/a", "http://127.0.0.1:9/a");
        check("shop.example", "anna@shop.example", "anna@shop.example");
        check("127.0.0.1:2300", "http://127.0.0.1:23001/a", "http://127.0.0.1:23001/a");
        check("127.0.0.1:2300", "127.0.0.1:2300, 127.0.0.1:2300", "127.0.0.1:9, 127.0.0.1:9");
        check("127.0.0.1:23001", "u=http%3A%2F%2F127.0.0.1%3A23001%2F", "u=http%3A%2F%2F127.0.0.1%3A9%2F");
    }
}
