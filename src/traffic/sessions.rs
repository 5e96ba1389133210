//! Sessions: exchanges of one user, told by credential, else by connection, else one a file.
//!
//! A credential is an `Authorization` header or a cookie that looks like a session; a reply that sets such a cookie,
//! which later calls carry, belongs to them. What has no credential is in its connection's group, or its file's, until
//! a binding ties it to a user. A file with one user is one session.

use super::TrafficError;
use super::bindings::{is_distinctive, set_cookie};
use super::import::Ordered;
use super::spool::{Decoder, Encoder, Runs, Sorter};
use crate::model::{Call, Reply};

/// Exchanges in groups that grow together: a few numbers for each.
pub(super) struct Groups {
    parents: Vec<u32>,
    /// Whether the exchange shows a credential.
    known: Bits,
    /// Whether some exchange of the group does that this one is the root of.
    claimed: Bits,
    files: Vec<u32>,
    /// Hashes of the connections; 0 where there is none that says something about the user.
    connections: Vec<u64>,
}

const SENT: u8 = 0;
const GIVEN: u8 = 1;

impl Groups {
    /// Groups by credentials alone.
    pub(super) fn by_credential(ordered: &Ordered) -> Result<Self, TrafficError> {
        let count = ordered.count() as usize;
        let mut groups = Self {
            parents: (0..ordered.count()).collect(),
            known: Bits::new(count),
            claimed: Bits::new(count),
            files: Vec::with_capacity(count),
            connections: Vec::with_capacity(count),
        };
        let mut keys = Sorter::new(ordered.place());
        let mut rows = ordered.rows()?;
        let mut encoder = Encoder::default();
        while let Some(row) = rows.next()? {
            groups.files.push(row.file);
            groups.connections.push(row.connection);
            let (call, _) = ordered.call(&row)?;
            let sent = credentials(&call).into_iter().map(|key| (key, SENT));
            let reply = ordered.reply(&row)?;
            let given = reply.iter().flat_map(cookies).map(|key| (key, GIVEN));
            let told = (row.session != 0).then(|| (format!("session {} {}", row.file, row.session), SENT));
            for (key, role) in sent.chain(given).chain(told) {
                encoder.clear();
                encoder.number(super::hash(&key));
                encoder.byte(role);
                encoder.small(row.number);
                keys.push(&encoder.0)?;
            }
        }
        groups.share(&keys.finish()?)?;
        Ok(groups)
    }

    /// Joins those which share a credential that some call shows.
    fn share(&mut self, keys: &Runs) -> Result<(), TrafficError> {
        let mut sorted = keys.read()?;
        let mut holder: Option<(u64, u32)> = None;
        let mut unsent = None;
        while let Some(record) = sorted.next()? {
            let mut decoder = Decoder(bytes::Bytes::copy_from_slice(record));
            let (key, role, number) = (decoder.number(), decoder.byte(), decoder.small());
            let first = holder.filter(|(held, _)| *held == key);
            // Those that show a key come before those to which it is given: where none does, it tells nothing.
            if (first.is_none() && role == GIVEN) || unsent == Some(key) {
                unsent = Some(key);
                continue;
            }
            let (_, with) = *holder.insert(first.unwrap_or((key, number)));
            self.known.set(number);
            self.claimed.set(number);
            self.join(number, with);
        }
        Ok(())
    }

    /// Puts what shows no credential and is tied to nobody who does with its connection, or its file.
    pub(super) fn settle(&mut self) {
        let count = self.parents.len();
        let mut users = Bits::new(count);
        // The one user of a file; none where there are several.
        let mut only: Vec<Option<Option<u32>>> =
            vec![None; self.files.iter().max().map_or(0, |most| *most as usize + 1)];
        for number in (0..count).filter_map(|number| u32::try_from(number).ok()) {
            if self.known.has(number) {
                let root = self.root(number);
                users.set(root);
                let user = &mut only[self.files[number as usize] as usize];
                *user = Some(user.map_or(Some(root), |known| known.filter(|known| *known == root)));
            }
        }
        let mut rest: Vec<(u32, u64, u32)> = Vec::new();
        for number in (0..count).filter_map(|number| u32::try_from(number).ok()) {
            let root = self.root(number);
            if users.has(root) {
                continue;
            }
            let (file, connection) = (self.files[number as usize], self.connections[number as usize]);
            match only[file as usize].flatten().filter(|_| connection == 0) {
                Some(user) => self.join(number, user),
                None => rest.push((file, connection, number)),
            }
        }
        rest.sort_unstable();
        let mut first: Option<(u32, u64, u32)> = None;
        for (file, connection, number) in rest {
            let with =
                first.filter(|known| (known.0, known.1) == (file, connection)).unwrap_or((file, connection, number));
            first = Some(with);
            self.join(number, with.2);
        }
    }

    /// Whether two exchanges are of one user, as far as is known.
    pub(super) fn same(&mut self, one: u32, other: u32) -> bool {
        self.root(one) == self.root(other)
            || (self.is_nobodys(one) && self.is_nobodys(other) && self.place(one) == self.place(other))
    }

    /// Whether an exchange shows no credential and is tied to no other.
    pub(super) fn is_nobodys(&self, number: u32) -> bool {
        self.parents[number as usize] == number && !self.known.has(number)
    }

    /// Whether an exchange shows a credential, or is tied to one that does.
    pub(super) fn is_claimed(&mut self, number: u32) -> bool {
        let root = self.root(number);
        self.claimed.has(root)
    }

    /// Where it was recorded.
    pub(super) fn place(&self, number: u32) -> (u32, u64) {
        (self.files[number as usize], self.connections[number as usize])
    }

    /// Makes two groups one. The earliest exchange stands for both.
    pub(super) fn join(&mut self, one: u32, other: u32) {
        let (first, second) = (self.root(one), self.root(other));
        let root = first.min(second);
        if self.claimed.has(first) || self.claimed.has(second) {
            self.claimed.set(root);
        }
        // Short ways for all that were asked about.
        for number in [first, second, one, other] {
            self.parents[number as usize] = root;
        }
    }

    /// The earliest exchange of the group.
    pub(super) fn root(&mut self, mut number: u32) -> u32 {
        while self.parents[number as usize] != number {
            let next = self.parents[self.parents[number as usize] as usize];
            self.parents[number as usize] = next;
            number = next;
        }
        number
    }

    /// Numbers the sessions in the order of their first exchanges, and finds the last of each.
    pub(super) fn number(mut self) -> Numbered {
        let all = || (0..).take(self.parents.len());
        let numbers: Vec<u32> = all().collect();
        let mut sessions = 0;
        let mut session = vec![0; numbers.len()];
        let mut last: Vec<u32> = Vec::new();
        for number in numbers {
            let root = self.root(number);
            if root == number {
                session[number as usize] = sessions;
                last.push(number);
                sessions += 1;
            } else {
                // A root comes before all of its group.
                session[number as usize] = session[root as usize];
                last[session[root as usize] as usize] = number;
            }
        }
        let mut lasts = Bits::new(session.len());
        for number in last {
            lasts.set(number);
        }
        Numbered { sessions, session, lasts }
    }
}

/// Whose each exchange is.
pub(super) struct Numbered {
    /// How many sessions there are.
    pub(super) sessions: u32,
    session: Vec<u32>,
    lasts: Bits,
}

impl Numbered {
    /// The session of an exchange.
    pub(super) fn session(&self, number: u32) -> u32 {
        self.session[number as usize]
    }

    /// Whether nothing more of its session follows.
    pub(super) fn is_last(&self, number: u32) -> bool {
        self.lasts.has(number)
    }
}

/// A yes or no for each exchange.
struct Bits(Vec<u64>);

impl Bits {
    fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn set(&mut self, number: u32) {
        self.0[number as usize / 64] |= 1 << (number % 64);
    }

    fn has(&self, number: u32) -> bool {
        self.0[number as usize / 64] & (1 << (number % 64)) != 0
    }
}

/// The credentials that a reply gives.
fn cookies(reply: &Reply) -> Vec<String> {
    let set = reply.metadata.all("set-cookie").filter_map(set_cookie);
    set.map(|(name, value)| cookie_key(name, value)).collect()
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
    use crate::model::{Body, Metadata};

    /// Calls as `connection | header: value | set-cookie`, and the sessions that they are in.
    fn check(all: &[(&str, &str, &str)], sessions: &[u64]) {
        let pair = |text: &str| text.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        let made: Vec<(Call, Option<Reply>, usize, Option<&str>)> = all
            .iter()
            .map(|(connection, header, cookie)| {
                let call = Call {
                    method: "GET".into(),
                    target: "/".into(),
                    metadata: Metadata::from_iter(pair(header)),
                    body: Body::Empty,
                };
                let metadata =
                    if cookie.is_empty() { Metadata::new() } else { Metadata::from_iter([("Set-Cookie", *cookie)]) };
                let reply = Some(Reply { status: 200, metadata, ..Reply::default() });
                (call, reply, 0, Some(*connection).filter(|connection| !connection.is_empty()))
            })
            .collect();
        let ordered = Ordered::made(&made);
        let mut groups = Groups::by_credential(&ordered).unwrap_or_else(|e| panic!("{e}"));
        groups.settle();
        let numbered = groups.number();
        let numbers = || 0..ordered.count();
        assert_eq!(numbers().map(|number| u64::from(numbered.session(number))).collect::<Vec<_>>(), sessions);
        for session in sessions {
            let of = |number: &u32| u64::from(numbered.session(*number)) == *session;
            assert_eq!(numbers().filter(|number| numbered.is_last(*number)).filter(of).count(), 1);
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
