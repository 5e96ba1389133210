//! Sessions: exchanges of one user, told by credential, else by connection, else one a file.
//!
//! A credential is an `Authorization` header or a cookie that looks like a session; a reply that sets such a cookie,
//! which later calls carry, belongs to them. What has no credential is in its connection's group, or its file's, until
//! a binding ties it to a user. A file with one user is one session.

use std::collections::{HashMap, HashSet};

use super::bindings::{is_distinctive, set_cookie};
use crate::model::{Call, Exchange};

/// Where an exchange was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    /// The number of the file.
    pub(super) file: usize,
    /// The connection, where the file tells and it says something about the user.
    pub(super) connection: Option<String>,
}

/// Exchanges in groups that grow together.
pub(super) struct Groups {
    parents: Vec<usize>,
    /// Whether the exchange shows a credential.
    known: Vec<bool>,
    origins: Vec<Origin>,
}

impl Groups {
    /// Groups by credentials alone.
    pub(super) fn by_credential(exchanges: &[Exchange], origins: Vec<Origin>) -> Self {
        let mut groups = Self { parents: (0..exchanges.len()).collect(), known: vec![false; exchanges.len()], origins };
        let sent: HashSet<String> = exchanges.iter().flat_map(|exchange| credentials(&exchange.call)).collect();
        let mut holders: HashMap<String, usize> = HashMap::new();
        for (number, exchange) in exchanges.iter().enumerate() {
            let given = exchange.reply.iter().flat_map(|reply| reply.metadata.all("set-cookie")).filter_map(set_cookie);
            let given = given.map(|(name, value)| cookie_key(name, value)).filter(|key| sent.contains(key));
            for key in credentials(&exchange.call).into_iter().chain(given) {
                groups.known[number] = true;
                let holder = *holders.entry(key).or_insert(number);
                groups.join(number, holder);
            }
        }
        groups
    }

    /// Puts what shows no credential and is tied to nobody who does with its connection, or its file.
    pub(super) fn settle(&mut self) {
        let users: HashSet<usize> = (0..self.parents.len()).filter(|i| self.known[*i]).map(|i| self.root(i)).collect();
        let mut users_of: HashMap<usize, HashSet<usize>> = HashMap::new();
        for number in (0..self.parents.len()).filter(|number| self.known[*number]) {
            users_of.entry(self.origins[number].file).or_default().insert(self.root(number));
        }
        let mut rest: HashMap<Origin, usize> = HashMap::new();
        for number in 0..self.parents.len() {
            if users.contains(&self.root(number)) {
                continue;
            }
            let origin = self.origins[number].clone();
            let only = users_of.get(&origin.file).filter(|users| users.len() == 1 && origin.connection.is_none());
            let with = only.and_then(|users| users.iter().next().copied());
            let with = with.unwrap_or_else(|| *rest.entry(origin).or_insert(number));
            self.join(number, with);
        }
    }

    /// Whether two exchanges are of one user, as far as is known.
    pub(super) fn same(&self, one: usize, other: usize) -> bool {
        let (first, second) = (self.root(one), self.root(other));
        let nobody = |number: usize, root: usize| root == number && !self.known[number];
        first == second || (nobody(one, first) && nobody(other, second) && self.origins[one] == self.origins[other])
    }

    /// Makes two groups one. The earliest exchange stands for both.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (first, second) = (self.root(one), self.root(other));
        let root = first.min(second);
        // Short ways for all that were asked about.
        for number in [first, second, one, other] {
            self.parents[number] = root;
        }
    }

    /// Numbers the sessions in the order of their first exchanges, and marks the last of each.
    pub(super) fn number(&self, exchanges: &mut [Exchange]) {
        let mut numbers: HashMap<usize, u64> = HashMap::new();
        for (number, exchange) in exchanges.iter_mut().enumerate() {
            let next = numbers.len() as u64;
            exchange.session = *numbers.entry(self.root(number)).or_insert(next);
        }
        let mut ended = HashSet::new();
        for exchange in exchanges.iter_mut().rev() {
            exchange.last = ended.insert(exchange.session);
        }
    }

    fn root(&self, mut number: usize) -> usize {
        while self.parents[number] != number {
            number = self.parents[number];
        }
        number
    }
}

/// The credentials that a call shows.
fn credentials(call: &Call) -> Vec<String> {
    let mut keys: Vec<String> =
        call.metadata.all("authorization").map(|value| format!("authorization {value}")).collect();
    for pair in call.metadata.all("cookie").flat_map(|header| header.split(';')) {
        if let Some((name, value)) = pair.trim().split_once('=')
            && is_session(name, value)
        {
            keys.push(cookie_key(name, value));
        }
    }
    keys
}

fn cookie_key(name: &str, value: &str) -> String {
    format!("cookie {name}={value}")
}

/// Cookies that tell one user from another: not the colour of a page.
fn is_session(name: &str, value: &str) -> bool {
    const WORDS: [&str; 6] = ["sess", "sid", "token", "auth", "jwt", "remember"];
    let name = name.to_ascii_lowercase();
    is_distinctive(value) || (!value.is_empty() && WORDS.iter().any(|word| name.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Metadata, Reply, Via};

    /// Calls as `connection | header: value | set-cookie`, and the sessions that they are in.
    fn check(all: &[(&str, &str, &str)], sessions: &[u64]) {
        let mut exchanges = Vec::new();
        let mut origins = Vec::new();
        for (index, (connection, header, cookie)) in (0..).zip(all) {
            let pair = |text: &str| text.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
            let call = Call {
                method: "GET".into(),
                target: "/".into(),
                metadata: Metadata::from_iter(pair(header)),
                body: Body::Empty,
            };
            let metadata =
                if cookie.is_empty() { Metadata::new() } else { Metadata::from_iter([("Set-Cookie", *cookie)]) };
            let reply = Some(Reply { status: 200, metadata, ..Reply::default() });
            exchanges.push(Exchange {
                index,
                session: 0,
                last: false,
                offset_ms: 0,
                call,
                reply,
                bindings: vec![],
                used: vec![],
                via: Via::default(),
            });
            let connection = (!connection.is_empty()).then(|| (*connection).to_owned());
            origins.push(Origin { file: 0, connection });
        }
        let mut groups = Groups::by_credential(&exchanges, origins);
        groups.settle();
        groups.number(&mut exchanges);
        assert_eq!(exchanges.iter().map(|exchange| exchange.session).collect::<Vec<_>>(), sessions);
        for session in sessions {
            assert_eq!(exchanges.iter().filter(|exchange| exchange.last && exchange.session == *session).count(), 1);
        }
    }

    #[test]
    fn a_file_without_credentials_is_one_session() {
        check(&[("", "", ""), ("", "", ""), ("", "", "")], &[0, 0, 0]);
    }

    #[test]
    fn connections_part_what_has_no_credential() {
        check(&[("1", "", ""), ("2", "", ""), ("1", "", "")], &[0, 1, 0]);
    }

    #[test]
    fn credentials_part_users_and_go_over_connections() {
        let (a, b) = ("Authorization: Bearer a", "Authorization: Bearer b");
        check(&[("1", a, ""), ("1", b, ""), ("2", a, "")], &[0, 1, 0]);
    }

    #[test]
    fn a_reply_that_gives_a_session_belongs_to_it() {
        check(
            &[
                ("1", "", "sid=a1; HttpOnly"),
                ("1", "", "sid=b2"),
                ("1", "Cookie: theme=dark; sid=b2", ""),
                ("1", "Cookie: theme=dark; sid=a1", "sid=c3"),
                ("1", "Cookie: sid=c3", ""),
            ],
            &[0, 1, 1, 0, 0],
        );
    }

    #[test]
    fn a_file_with_one_user_is_one_session() {
        check(&[("", "", ""), ("", "Cookie: sid=x", ""), ("", "", "")], &[0, 0, 0]);
        check(&[("", "", ""), ("", "Cookie: sid=x", ""), ("", "Cookie: sid=y", "")], &[0, 1, 2]);
    }

    #[test]
    fn a_cookie_that_says_nothing_of_the_user_parts_nobody() {
        check(&[("", "Cookie: theme=dark", ""), ("", "Cookie: theme=light", "")], &[0, 0]);
    }
}
