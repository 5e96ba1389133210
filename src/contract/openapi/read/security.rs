//! What a caller must show: alternatives, of each of which everything is needed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Contract, Node};

/// One way to be let in: credentials, and what each must be good for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::contract::openapi) struct Alternative(BTreeMap<Scheme, Scopes>);

/// What credentials are on the wire.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Scheme {
    /// `Authorization: Bearer`, whoever gave the token, or a token of just that issuer.
    Bearer(Option<String>),
    /// Anything else, in words.
    Other(String),
}

/// What credentials must be good for; none where their kind has no words for that.
type Scopes = Option<BTreeSet<String>>;

/// How what a client shows fares with what a server asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::contract::openapi) enum Admission {
    Admitted,
    /// The credentials are the right ones, and must be good for more.
    Scopes(Vec<String>),
    Refused,
}

impl Alternative {
    /// The alternatives that a contract or an operation gives; nothing to show is one empty alternative.
    pub(super) fn read(security: Option<&Node<'_>>, contract: &Contract) -> Vec<Self> {
        let mut alternatives = Vec::new();
        for requirement in security.into_iter().flat_map(|node| node.items().collect::<Vec<_>>()) {
            let mut needed = BTreeMap::new();
            for (name, scopes) in requirement.members() {
                let (scheme, has_scopes) = scheme(name, contract);
                let named = scopes.items().filter_map(|scope| scope.value.as_str()).map(str::to_owned);
                let named: BTreeSet<String> = named.collect();
                let known = needed.entry(scheme).or_insert(None::<BTreeSet<String>>);
                if has_scopes || !named.is_empty() {
                    known.get_or_insert_default().extend(named);
                }
            }
            alternatives.push(Self(needed));
        }
        if alternatives.is_empty() { vec![Self::default()] } else { alternatives }
    }

    /// Whether a server that asks for one of these lets in who shows this.
    pub(in crate::contract::openapi) fn admitted_by(&self, server: &[Self]) -> Admission {
        let mut lacking: Option<Vec<String>> = None;
        for asked in server {
            let shown: Option<Vec<_>> =
                asked.0.iter().map(|(scheme, scopes)| Some((self.shown_for(scheme)?, scopes))).collect();
            let Some(shown) = shown else { continue };
            let missing: Vec<String> = shown
                .into_iter()
                .filter_map(|(own, asked)| own.as_ref().zip(asked.as_ref()))
                .flat_map(|(own, asked)| asked.difference(own).cloned())
                .collect();
            if missing.is_empty() {
                return Admission::Admitted;
            }
            if lacking.as_ref().is_none_or(|known| known.len() > missing.len()) {
                lacking = Some(missing);
            }
        }
        lacking.map_or(Admission::Refused, Admission::Scopes)
    }

    /// What is shown where that is asked for: just this, or what may be it.
    fn shown_for(&self, asked: &Scheme) -> Option<&Scopes> {
        self.0.get(asked).or_else(|| self.0.iter().find(|(own, _)| own.may_be(asked)).map(|(_, scopes)| scopes))
    }

    /// For a person.
    pub(in crate::contract::openapi) fn told(&self) -> String {
        let schemes = self.0.keys().map(ToString::to_string).collect::<Vec<_>>();
        if schemes.is_empty() { "nothing".to_owned() } else { schemes.join(" and ") }
    }
}

impl Scheme {
    /// Whether one that is shown may be the one that is asked for.
    fn may_be(&self, asked: &Self) -> bool {
        match (self, asked) {
            (Self::Bearer(own), Self::Bearer(asked)) => own.is_none() || asked.is_none() || own == asked,
            _ => self == asked,
        }
    }
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bearer(None) => out.write_str("a bearer token"),
            Self::Bearer(Some(issuer)) => write!(out, "an OpenID token of `{issuer}`"),
            Self::Other(name) => out.write_str(name),
        }
    }
}

/// What a scheme asks for on the wire, and whether it has scopes: its name in a contract is nobody's business.
fn scheme(name: &str, contract: &Contract) -> (Scheme, bool) {
    let named =
        contract.root().get("components").and_then(|all| all.get("securitySchemes")).and_then(|all| all.get(name));
    let other = |name: String| (Scheme::Other(name), false);
    let Some(node) = named.and_then(|node| contract.follow(node).ok()) else { return other(format!("`{name}`")) };
    let text = |key| node.text(key).unwrap_or_default();
    match text("type") {
        "apiKey" if text("in") == "header" => other(format!("the header `{}`", text("name").to_ascii_lowercase())),
        "apiKey" => other(format!("the {} `{}`", text("in"), text("name"))),
        "http" if text("scheme").eq_ignore_ascii_case("bearer") => (Scheme::Bearer(None), false),
        "http" => other(format!("HTTP {} credentials", text("scheme").to_ascii_lowercase())),
        // Which flow a token came by doesn't show on it.
        "oauth2" => (Scheme::Bearer(None), true),
        "openIdConnect" => (Scheme::Bearer(Some(text("openIdConnectUrl").to_owned())), true),
        "mutualTLS" => other("a client certificate".to_owned()),
        _ => other(format!("`{name}`")),
    }
}
