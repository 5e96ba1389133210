//! The cookies of one session in one cell, beside those of its recording.

use std::collections::{BTreeMap, VecDeque};

use crate::model::Metadata;

/// One jar: what this cell's server set, what the recorded server set, and which exchange set it.
#[derive(Debug, Clone, Default)]
pub(super) struct Jar {
    live: BTreeMap<String, (String, u64)>,
    recorded: BTreeMap<String, (String, u64)>,
}

/// What becomes of a recorded `Cookie` header in this cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cookies {
    /// As recorded: no cookie of it came from the recorded server.
    AsRecorded,
    /// Send this header; none where no cookie is left.
    Send(Option<String>),
    /// The recorded server gave this cookie, and this cell's gave none that could stand for it.
    Missing {
        /// The cookie's name.
        name: String,
        /// The exchange whose recorded reply set it.
        by: u64,
    },
}

impl Jar {
    /// Takes what a recorded reply and this cell's live one set.
    pub(super) fn take(&mut self, exchange: u64, recorded: Option<&Metadata>, live: Option<&Metadata>) {
        for cookie in recorded.into_iter().flat_map(|metadata| metadata.all("set-cookie")) {
            match parse(cookie) {
                Some((name, Some(value))) => {
                    self.recorded.insert(name.to_owned(), (value.to_owned(), exchange));
                }
                Some((name, None)) => {
                    self.recorded.remove(name);
                }
                None => {}
            }
        }
        for cookie in live.into_iter().flat_map(|metadata| metadata.all("set-cookie")) {
            match parse(cookie) {
                Some((name, Some(value))) => {
                    self.live.insert(name.to_owned(), (value.to_owned(), exchange));
                }
                Some((name, None)) => {
                    self.live.remove(name);
                }
                None => {}
            }
        }
    }

    /// Whether this cell's server has set that cookie.
    pub(super) fn has(&self, name: &str) -> bool {
        self.live.contains_key(name)
    }

    /// What a browser would send here in place of the recorded header: this cell's value of each cookie that the
    /// recorded server had set, the others as recorded, and what only this cell's server has set.
    pub(super) fn answer(&self, recorded_header: &str) -> Cookies {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut from_jar = false;
        let mut missing = None;
        for (name, value) in recorded_header.split(';').filter_map(|pair| pair.trim().split_once('=')) {
            match self.recorded.get(name) {
                Some((given, by)) if given == value => {
                    from_jar = true;
                    match self.live.get(name) {
                        Some((live, _)) => pairs.push((name.to_owned(), live.clone())),
                        None => missing = missing.or(Some((name.to_owned(), *by))),
                    }
                }
                _ => pairs.push((name.to_owned(), value.to_owned())),
            }
        }
        let extras: Vec<_> = self.live.iter().filter(|(name, _)| !self.recorded.contains_key(*name)).collect();
        // A cookie under another name that the same reply set is the same cookie, renamed.
        if let Some((name, by)) = missing.clone()
            && !extras.iter().any(|(_, (_, exchange))| *exchange == by)
        {
            return Cookies::Missing { name, by };
        }
        if from_jar {
            pairs.extend(extras.into_iter().map(|(name, (value, _))| (name.clone(), value.clone())));
        }
        if !from_jar && missing.is_none() {
            return Cookies::AsRecorded;
        }
        let header: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        Cookies::Send((!header.is_empty()).then(|| header.join("; ")))
    }
}

/// Puts these cookies where the recorded ones stood: in one header, or each in its own, as HTTP/2 clients send them. What is
/// one more than there were stands where the last did.
pub(super) fn spread(metadata: &mut Metadata, cookies: &str) {
    let headers = metadata.all("cookie").count();
    let mut cookies: VecDeque<&str> =
        if headers > 1 { cookies.split("; ").collect() } else { VecDeque::from([cookies]) };
    let mut left = headers;
    for (name, value) in std::mem::take(metadata).iter() {
        if !name.eq_ignore_ascii_case("cookie") {
            metadata.push(name, value);
            continue;
        }
        left -= 1;
        let here = if left == 0 { cookies.len() } else { 1.min(cookies.len()) };
        cookies.drain(..here).for_each(|cookie| metadata.push(name, cookie));
    }
}

/// A cookie's name and value; no value where the cookie is taken back.
fn parse(cookie: &str) -> Option<(&str, Option<&str>)> {
    let mut parts = cookie.split(';').map(str::trim);
    let (name, value) = parts.next()?.split_once('=')?;
    let ends = parts.any(|attribute| {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        (key.eq_ignore_ascii_case("max-age") && value.parse::<i64>().is_ok_and(|seconds| seconds <= 0))
            || (key.eq_ignore_ascii_case("expires") && value.contains("1970"))
    });
    Some((name, (!ends).then_some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(cookies: &[&str]) -> Metadata {
        cookies.iter().map(|cookie| ("Set-Cookie", *cookie)).collect()
    }

    fn check(recorded: &[&str], live: &[&str], header: &str, expected: &Cookies) {
        let mut jar = Jar::default();
        jar.take(3, Some(&set(recorded)), Some(&set(live)));
        assert_eq!(jar.answer(header), *expected);
    }

    #[test]
    fn a_cookie_of_the_server_gets_the_value_of_this_cell() {
        let sent = |text: &str| Cookies::Send(Some(text.to_owned()));
        check(&["sid=a; Path=/"], &["sid=b; Path=/"], "sid=a; theme=dark", &sent("sid=b; theme=dark"));
        check(&["sid=a"], &["session=b"], "sid=a", &sent("session=b"));
        check(&[], &["extra=1"], "theme=dark", &Cookies::AsRecorded);
    }

    #[test]
    fn cookies_go_out_in_as_many_headers_as_they_were_recorded_in() {
        for (recorded, cookies, expected) in [
            (&[("cookie", "a=1; b=2"), ("x", "")][..], "a=3; b=4", &[("cookie", "a=3; b=4"), ("x", "")][..]),
            (
                &[("cookie", "a=1"), ("x", ""), ("cookie", "b=2")],
                "a=3; b=4",
                &[("cookie", "a=3"), ("x", ""), ("cookie", "b=4")],
            ),
            (
                &[("cookie", "a=1"), ("cookie", "b=2")],
                "a=3; b=4; c=5",
                &[("cookie", "a=3"), ("cookie", "b=4"), ("cookie", "c=5")],
            ),
            (&[("cookie", "a=1"), ("x", ""), ("cookie", "b=2")], "a=3", &[("cookie", "a=3"), ("x", "")]),
        ] {
            let mut metadata: Metadata = recorded.iter().copied().collect();
            spread(&mut metadata, cookies);
            assert_eq!(metadata, expected.iter().copied().collect(), "{cookies}");
        }
    }

    #[test]
    fn a_cookie_that_this_cell_never_gave_is_missed() {
        check(&["sid=a"], &[], "sid=a", &Cookies::Missing { name: "sid".to_owned(), by: 3 });
        check(&["sid=a"], &["sid=; Max-Age=0"], "sid=a", &Cookies::Missing { name: "sid".to_owned(), by: 3 });
    }
}
