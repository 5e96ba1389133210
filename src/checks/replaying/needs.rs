//! What the unsafe calls of sessions need that are not looked at: the safe calls whose replies give them values.
//!
//! Every pass sends every unsafe call, so that all stores evolve alike. A form's token or a session's cookie may come from
//! the reply to a safe call: then that one goes out too, and what it needs itself, and so on. A build may set cookies of which
//! the recording knows nothing; a server that does so does it when it first meets a client, so that call goes out as well.

use std::collections::{HashMap, HashSet};

use crate::model::{Exchange, Metadata};
use crate::traffic::{Recording, TrafficError, given_by, redaction};

/// The safe calls, by number, without which an unsafe one of their session would not be made as it was recorded.
pub(super) fn needed(recording: &Recording) -> Result<HashSet<u64>, TrafficError> {
    let mut open: HashMap<u64, Needs> = HashMap::new();
    let mut needed = HashSet::new();
    for exchange in recording.exchanges()? {
        let exchange = exchange?;
        let session = open.entry(exchange.session).or_default();
        session.take(&exchange);
        if exchange.last
            && let Some(session) = open.remove(&exchange.session)
        {
            session.close(&mut needed);
        }
    }
    for session in open.into_values() {
        session.close(&mut needed);
    }
    Ok(needed)
}

/// A session, as far as it has been read.
#[derive(Debug, Default)]
struct Needs {
    calls: Vec<Needing>,
    /// Which reply set a cookie last, and to what.
    cookies: HashMap<String, (String, u64)>,
    /// Which reply gave last what redaction took out.
    secrets: HashMap<String, u64>,
}

/// A call, and the earlier ones of its session that it needs.
#[derive(Debug)]
struct Needing {
    index: u64,
    is_safe: bool,
    needs: Vec<u64>,
}

impl Needs {
    fn take(&mut self, exchange: &Exchange) {
        let from = exchange.bindings.iter().flat_map(|binding| &binding.from).map(|from| from.exchange);
        let mut needs: Vec<u64> = from.collect();
        for (name, value) in exchange.call.metadata.all("cookie").flat_map(|header| header.split(';')).filter_map(pair)
        {
            if let Some((given, by)) = self.cookies.get(name)
                && given == value
            {
                needs.push(*by);
            }
        }
        needs.extend(redaction::missing(&exchange.call).iter().filter_map(|key| self.secrets.get(key)));
        needs.sort_unstable();
        needs.dedup();
        self.calls.push(Needing { index: exchange.index, is_safe: exchange.call.is_safe(), needs });
        self.secrets.extend(exchange.reply.iter().flat_map(given_by).map(|key| (key, exchange.index)));
        for (name, value) in exchange.reply.iter().flat_map(|reply| set_cookies(&reply.metadata)) {
            self.cookies.insert(name.to_owned(), (value.to_owned(), exchange.index));
        }
    }

    /// Follows what unsafe calls need from the last call to the first, which is needed wherever there is an unsafe one.
    fn close(mut self, needed: &mut HashSet<u64>) {
        if self.calls.iter().all(|call| call.is_safe) {
            return;
        }
        let mut wanted: HashSet<u64> = self.calls.first().map(|first| first.index).into_iter().collect();
        while let Some(call) = self.calls.pop() {
            let is_wanted = wanted.remove(&call.index);
            if is_wanted && call.is_safe {
                needed.insert(call.index);
            }
            if is_wanted || !call.is_safe {
                wanted.extend(call.needs);
            }
        }
    }
}

fn set_cookies(metadata: &Metadata) -> impl Iterator<Item = (&str, &str)> {
    metadata.all("set-cookie").filter_map(|cookie| pair(cookie.split(';').next().unwrap_or_default()))
}

fn pair(text: &str) -> Option<(&str, &str)> {
    text.trim().split_once('=')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{HashSet, needed};
    use crate::traffic::Recording;

    /// Each line `SESSION METHOD [<NAME=VALUE] [>NAME=VALUE] [@EXCHANGE] [?KEY] [!KEY]`: a cookie that the call carries, one that
    /// the reply sets, a reply that the call is bound to, and a placeholder in the call and one in the reply.
    #[track_caller]
    fn check(lines: &[&str], expected: &[u64]) {
        let mut text = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":0}\n".to_owned();
        for (index, line) in lines.iter().enumerate() {
            let mut words = line.split(' ');
            let session: u64 = words.next().and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("{line}"));
            let method = words.next();
            let (mut carried, mut given, mut bindings) = (Vec::new(), Vec::new(), Vec::new());
            for word in words {
                let (kind, rest) = word.split_at(1);
                match kind {
                    "<" => carried.push(json!(["Cookie", rest])),
                    ">" => given.push(json!(["Set-Cookie", format!("{rest}; Path=/")])),
                    "?" => carried.push(json!(["X-Key", format!("{{secret:{rest}}}")])),
                    "!" => given.push(json!(["X-Key", format!("{{secret:{rest}}}")])),
                    _ => {
                        let exchange: u64 = rest.parse().unwrap_or_else(|e| panic!("{e}"));
                        let from = json!([{ "exchange": exchange, "at": "$.x" }]);
                        bindings.push(json!({ "at": "query x", "value": "v", "from": from }));
                    }
                }
            }
            let line = json!({
                "index": index, "session": session, "last": false, "offset_ms": 0,
                "call": { "method": method, "target": "/?x=v", "headers": carried, "body": "" },
                "reply": { "status": 200, "headers": given, "body": "", "trailers": [] },
                "bindings": bindings, "used": [],
            });
            text.push_str(&line.to_string());
            text.push('\n');
        }
        let file = tempfile::NamedTempFile::new().unwrap_or_else(|e| panic!("{e}"));
        std::fs::write(file.path(), text).unwrap_or_else(|e| panic!("{e}"));
        let recording = Recording::open(file.path()).unwrap_or_else(|e| panic!("{e}"));
        let got = needed(&recording).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(got, expected.iter().copied().collect::<HashSet<u64>>(), "{lines:?}");
    }

    #[test]
    fn a_session_that_only_reads_needs_nothing() {
        check(&["0 GET >sid=a", "0 GET <sid=a", "0 GET @1"], &[]);
    }

    #[test]
    fn a_form_is_fetched_for_the_token_that_its_submission_carries() {
        check(&["0 GET", "0 GET", "0 GET", "0 POST @2", "0 GET @3"], &[0, 2]);
    }

    #[test]
    fn what_a_needed_call_needs_goes_out_too() {
        check(&["0 GET", "0 GET >sid=a", "0 GET", "0 GET <sid=a", "0 POST @3"], &[0, 1, 3]);
    }

    #[test]
    fn a_cookie_comes_from_the_reply_that_set_it_to_this_value() {
        check(&["0 GET", "0 GET >sid=a", "0 GET >sid=b", "0 POST <sid=b"], &[0, 2]);
        check(&["0 GET", "0 GET >sid=a", "0 POST <sid=z"], &[0]);
    }

    #[test]
    fn what_redaction_took_out_comes_from_the_reply_that_gave_it_last() {
        check(&["0 GET", "0 GET !key#1", "0 GET !key#1", "0 GET !key#2", "0 POST ?key#1"], &[0, 2]);
    }

    #[test]
    fn sessions_that_run_side_by_side_need_their_own_calls() {
        check(&["0 GET", "1 GET", "0 GET", "1 POST @1", "0 GET"], &[1]);
    }
}
