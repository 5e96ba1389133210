//! The values that a manifest gives for what redaction took out.

use std::collections::BTreeMap;
use std::fmt;

/// Values by what they are called: `password#1`. Nothing shows them: neither `Debug` nor an error.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Names as a manifest has them; one without `#n` is the first of that name.
    pub fn new(named: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(named.into_iter().map(|(name, value)| (key(&name), value)).collect())
    }

    /// The value of `password#1`, where there is one.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// All, by what they are called.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

/// `password` is `password#1`.
fn key(name: &str) -> String {
    let numbered = name.rsplit_once('#').is_some_and(|(_, number)| number.parse::<u32>().is_ok());
    if numbered { name.to_owned() } else { format!("{name}#1") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_number_is_the_first_and_no_value_is_shown() {
        let secrets = Secrets::new(
            [("password", "hunter2"), ("password#2", "tr0ub4dor")].map(|(n, v)| (n.to_owned(), v.to_owned())),
        );
        assert_eq!(secrets.get("password#1"), Some("hunter2"));
        assert_eq!(secrets.get("password#2"), Some("tr0ub4dor"));
        assert_eq!(secrets.get("password"), None);
        assert_eq!(format!("{secrets:?}"), r#"{"password#1", "password#2"}"#);
    }
}
