//! The URL of a database server: `postgres://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS`.
//!
//! Owns its parts and how it is shown, which is without its password. Refuses what leads to more than one host. Main type:
//! [`DatabaseUrl`].

use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::percent_decode_str;

/// A URL in its parts, each as it is written.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    scheme: String,
    user: String,
    password: Option<String>,
    /// `HOST`, `HOST:PORT`, or nothing where an option names a socket.
    address: String,
    database: String,
    options: String,
}

impl DatabaseUrl {
    /// Takes it apart; the error says what is wrong with it, and shows nothing of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or("it must begin with `postgres://`")?;
        if !matches!(scheme, "postgres" | "postgresql") {
            return Err("it must begin with `postgres://`".to_owned());
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("it holds a blank: write `%20`".to_owned());
        }
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, address) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match credentials.split_once(':') {
            Some((user, password)) => (user, Some(password.to_owned())),
            None => (credentials, None),
        };
        if database.contains('/') {
            return Err("there is a `/` in the name of its database: write `%2F`".to_owned());
        }
        let url = Self {
            scheme: scheme.to_owned(),
            user: user.to_owned(),
            password,
            address: address.to_owned(),
            database: database.to_owned(),
            options: options.to_owned(),
        };
        let hosts = url.hosts();
        if url.address.contains(',') || hosts.iter().any(|host| host.contains(',')) {
            return Err("it names several hosts: name one".to_owned());
        }
        if hosts.is_empty() {
            return Err("it has no host".to_owned());
        }
        Ok(url)
    }

    /// Whether it leads to this machine and nowhere else.
    pub fn is_local(&self) -> bool {
        self.hosts().iter().all(|host| is_local(host))
    }

    /// The password as it is typed.
    pub fn password(&self) -> Option<String> {
        self.option("password")
            .or_else(|| self.password.as_deref().map(decoded))
            .filter(|password| !password.is_empty())
    }

    /// Its database, where it names one.
    pub fn database(&self) -> Option<String> {
        Some(decoded(&self.database)).filter(|name| !name.is_empty())
    }

    /// The same server and user with this database, password and all: for those who are to connect.
    pub fn of_database(&self, name: &str) -> String {
        self.written(self.password.as_deref(), name)
    }

    /// The same without its password.
    pub fn of_database_without_password(&self, name: &str) -> String {
        let kept = |option: &&str| !option.starts_with("password=");
        let options = self.options.split('&').filter(kept).collect::<Vec<_>>().join("&");
        Self { options, ..self.clone() }.written(None, name)
    }

    /// As a person may see it.
    pub fn shown(&self) -> String {
        self.of_database_without_password(&self.database)
    }

    fn written(&self, password: Option<&str>, database: &str) -> String {
        let Self { scheme, user, address, options, .. } = self;
        let password = password.map(|password| format!(":{password}")).unwrap_or_default();
        let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
        let options = if options.is_empty() { String::new() } else { format!("?{options}") };
        format!("{scheme}://{user}{password}{at}{address}/{database}{options}")
    }

    /// Wherever it may lead: by its address, and by options, which outdo that.
    fn hosts(&self) -> Vec<String> {
        let host = match self.address.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            _ => &self.address,
        };
        let of_options = ["host", "hostaddr"].into_iter().filter_map(|name| self.option(name));
        [decoded(host)].into_iter().chain(of_options).filter(|host| !host.is_empty()).collect()
    }

    fn option(&self, name: &str) -> Option<String> {
        let pairs = self.options.split('&').filter_map(|pair| pair.split_once('='));
        // Of one that stands there twice the last counts.
        pairs.filter(|(key, _)| decoded(key) == name).map(|(_, value)| decoded(value)).next_back()
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.shown())
    }
}

/// The text with stars in place of the password of every database URL in it, each of the same length.
pub(super) fn veiled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + "://".len());
        out.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).unwrap_or(after.len());
        let (url, next) = after.split_at(end);
        rest = next;
        // Those of services hold none: they are refused, and shown as they are.
        let is_database = !before.ends_with("http://") && !before.ends_with("https://");
        let colon = url.find(':');
        match (colon, url.rfind('@')) {
            (Some(colon), Some(at)) if is_database && colon < at => {
                out.push_str(&url[..=colon]);
                out.extend(std::iter::repeat_n('*', at - colon - 1));
                out.push_str(&url[at..]);
            }
            _ => out.push_str(url),
        }
    }
    out.push_str(rest);
    out
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A path is a socket of this machine.
fn is_local(host: &str) -> bool {
    let bare = host.trim_matches(['[', ']']);
    host.starts_with('/')
        || bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        || bare.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    fn check(text: &str, local: bool, password: Option<&str>, shown: &str) {
        let url = DatabaseUrl::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!((url.is_local(), url.password().as_deref(), &*url.shown()), (local, password, shown), "{text}");
        assert!(!format!("{url:?}").contains("hunter"), "{url:?}");
    }

    #[test]
    fn a_url_says_where_it_leads_and_shows_no_password() {
        check(
            "postgres://u:hunter%402@127.0.0.1:5432/shop",
            true,
            Some("hunter@2"),
            "postgres://u@127.0.0.1:5432/shop",
        );
        check("postgresql://localhost", true, None, "postgresql://localhost/");
        check("postgres://u@[::1]:5432/a?sslmode=disable", true, None, "postgres://u@[::1]:5432/a?sslmode=disable");
        check("postgres://db.example.com/a?password=hunter22", false, Some("hunter22"), "postgres://db.example.com/a");
        check("postgres:///a?host=/run/pg", true, None, "postgres:///a?host=/run/pg");
        check("postgres://u@%2Frun%2Fpg/a", true, None, "postgres://u@%2Frun%2Fpg/a");
        check("postgres://localhost/a?host=db.example.com", false, None, "postgres://localhost/a?host=db.example.com");
        check("postgres://localhost/a?hostaddr=10.0.0.1", false, None, "postgres://localhost/a?hostaddr=10.0.0.1");
    }

    #[test]
    fn a_password_in_a_text_is_veiled_and_nothing_moves() {
        for (text, expected) in [
            ("url = \"postgres://u:hun@h/a\" # x", "url = \"postgres://u:***@h/a\" # x"),
            ("postgresql://u:h:u/n@h?x", "postgresql://u:*****@h?x"),
            ("http://u:p@h mysql://u:p@h postgres://u@h", "http://u:p@h mysql://u:*@h postgres://u@h"),
        ] {
            assert_eq!(super::veiled(text), expected);
        }
    }

    #[test]
    fn another_database_of_the_same_server_is_named_with_all_that_leads_there() {
        let url =
            DatabaseUrl::parse("postgres://u:p%2Fw@localhost:5/a?sslmode=disable").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(url.of_database("b"), "postgres://u:p%2Fw@localhost:5/b?sslmode=disable");
        assert_eq!(url.database().as_deref(), Some("a"));
    }

    #[test]
    fn what_can_not_be_used_is_refused_with_the_reason_and_without_the_url() {
        for (text, why) in [
            ("localhost/a", "begin with `postgres://`"),
            ("mysql://localhost/a", "begin with `postgres://`"),
            ("postgres:///a", "no host"),
            ("postgres://a,b/c", "several hosts"),
            ("postgres://u:hunter2@h/a b", "a blank"),
            ("postgres://u:hun/ter@h/a", "write `%2F`"),
        ] {
            let error = DatabaseUrl::parse(text).err().unwrap_or_default();
            assert!(error.contains(why) && !error.contains("hun"), "{text}: {error}");
        }
    }
}
