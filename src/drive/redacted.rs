//! What a redacted recording left out, filled in for one cell: with what its own replies gave, else with the manifest's
//! secrets.

use std::collections::HashMap;

use crate::model::secret::{Secrets, captured, has_placeholder, placeholders};
use crate::model::{Answer, Call, Document, Metadata};
use crate::traffic::redaction;

/// The values for placeholders that one cell's replies have given out so far, the latest of each.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(HashMap<String, String>);

/// Whether a recorded reply has placeholders anywhere.
pub(super) fn is_redacted(recorded: &Answer) -> bool {
    let mut values = recorded.metadata.iter().chain(recorded.trailers.iter());
    values.any(|(_, value)| has_placeholder(value)) || has_redacted_body(recorded)
}

fn has_redacted_body(recorded: &Answer) -> bool {
    recorded.content.bytes.as_ref().is_some_and(|bytes| placeholders(bytes).next().is_some())
}

/// Documents that nest deeper are not looked into any further.
const DEEPEST: usize = 128;

impl Given {
    /// Fills a call. `Err` names what nobody gave.
    pub(super) fn fill(&self, call: &mut Call, secrets: &Secrets) -> Result<(), Vec<String>> {
        let value = |key: &str| self.0.get(key).map(String::as_str).or_else(|| secrets.get(key)).map(str::to_owned);
        let unfilled = redaction::fill(call, &value);
        if unfilled.is_empty() { Ok(()) } else { Err(unfilled) }
    }

    /// Takes in what a live reply has where the recorded one has placeholders.
    pub(super) fn take(&mut self, recorded: &Answer, live: &Answer) {
        self.metadata(&recorded.metadata, &live.metadata);
        self.metadata(&recorded.trailers, &live.trailers);
        if has_redacted_body(recorded) {
            self.document(recorded.content.document(), live.content.document(), 0);
        }
    }

    fn metadata(&mut self, recorded: &Metadata, live: &Metadata) {
        for (name, value) in recorded.iter().filter(|(_, value)| has_placeholder(value)) {
            // Attributes of a cookie may change with the clock.
            let cookie = name.eq_ignore_ascii_case("set-cookie");
            let part =
                |value: &'_ str| if cookie { value.split(';').next().unwrap_or_default().len() } else { value.len() };
            for other in live.all(name) {
                self.text(&value[..part(value)], &other[..part(other)]);
            }
        }
    }

    fn document(&mut self, recorded: &Document, live: &Document, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        match (recorded, live) {
            (Document::Text(recorded), live) => {
                if let Some(live) = live.as_scalar_text() {
                    self.text(recorded, live);
                }
            }
            (Document::List(recorded), Document::List(live)) => {
                recorded.iter().zip(live).for_each(|(recorded, live)| self.document(recorded, live, depth + 1));
            }
            (Document::Fields(recorded), live) => {
                for (name, recorded) in recorded {
                    if let Some(live) = live.field(name) {
                        self.document(recorded, live, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, recorded: &str, live: &str) {
        for (key, value) in captured(recorded, live).into_iter().flatten() {
            self.0.insert(key, value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Reply};

    fn answer(headers: &[(&str, &str)], body: &str) -> Answer {
        let metadata = headers.iter().copied().chain([("Content-Type", "application/json")]).collect();
        let reply = Reply { status: 200, metadata, body: Body::of(body.to_owned()), ..Reply::default() };
        crate::wire::answer(&reply, &crate::wire::Asked::default(), true)
    }

    #[test]
    fn a_call_gets_what_this_cell_gave_and_else_what_the_manifest_says() {
        let recorded = answer(
            &[("Set-Cookie", "sid={secret:sid#1}; Path=/"), ("Location", "/r?t={secret:t#1}")],
            "{\"a\":[{\"token\":\"{secret:token#1}\"}]}",
        );
        let live = answer(
            &[("Set-Cookie", "lang=en"), ("Set-Cookie", "sid=s9; Path=/; Expires=x"), ("Location", "/r?t=t9")],
            "{\"a\":[{\"token\":\"k9\"}]}",
        );
        let mut given = Given::default();
        given.take(&recorded, &live);
        let secrets = Secrets::new([("password".to_owned(), "pw".to_owned()), ("sid".to_owned(), "never".to_owned())]);
        let target = "/{secret:sid#1}/{secret:t#1}/{secret:token#1}/{secret:password#1}".to_owned();
        let mut call = Call { target, ..Call::default() };
        assert_eq!(given.fill(&mut call, &secrets), Ok(()));
        assert_eq!(call.target, "/s9/t9/k9/pw");
        let mut call = Call { target: "/{secret:other#1}".to_owned(), ..Call::default() };
        assert_eq!(given.fill(&mut call, &secrets), Err(vec!["other#1".to_owned()]));
    }
}
