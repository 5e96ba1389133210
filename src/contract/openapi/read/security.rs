//! What a caller must show: alternatives, of each of which everything is needed.

use std::collections::{BTreeMap, BTreeSet};

use super::{Contract, Node};

/// One way to be let in: credentials, and what each must be good for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::contract::openapi) struct Alternative(BTreeMap<String, BTreeSet<String>>);

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
                let scopes =
                    scopes.items().filter_map(|scope| scope.value.as_str()).map(str::to_owned).collect::<BTreeSet<_>>();
                needed.entry(scheme(name, contract)).or_insert_with(BTreeSet::new).extend(scopes);
            }
            alternatives.push(Self(needed));
        }
        if alternatives.is_empty() { vec![Self::default()] } else { alternatives }
    }

    /// Whether a server that asks for one of these lets in who shows this.
    pub(in crate::contract::openapi) fn admitted_by(&self, server: &[Self]) -> Admission {
        let mut lacking: Option<Vec<String>> = None;
        for asked in server {
            if !asked.0.keys().all(|scheme| self.0.contains_key(scheme)) {
                continue;
            }
            let missing: Vec<String> = asked
                .0
                .iter()
                .flat_map(|(scheme, scopes)| {
                    scopes.iter().filter(|scope| !self.0.get(scheme).is_some_and(|own| own.contains(*scope)))
                })
                .cloned()
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

    /// For a person.
    pub(in crate::contract::openapi) fn told(&self) -> String {
        if self.0.is_empty() { "nothing".to_owned() } else { self.0.keys().cloned().collect::<Vec<_>>().join(" and ") }
    }
}

/// What a scheme asks for on the wire: its name in a contract is nobody's business.
fn scheme(name: &str, contract: &Contract) -> String {
    let named =
        contract.root().get("components").and_then(|all| all.get("securitySchemes")).and_then(|all| all.get(name));
    let Some(node) = named.and_then(|node| contract.follow(node).ok()) else { return format!("`{name}`") };
    let text = |key| node.text(key).unwrap_or_default();
    match text("type") {
        "apiKey" if text("in") == "header" => format!("the header `{}`", text("name").to_ascii_lowercase()),
        "apiKey" => format!("the {} `{}`", text("in"), text("name")),
        "http" => format!("HTTP {} credentials", text("scheme").to_ascii_lowercase()),
        // Which flow a token came by doesn't show on it.
        "oauth2" => "an OAuth token".to_owned(),
        "openIdConnect" => format!("an OpenID token of `{}`", text("openIdConnectUrl")),
        "mutualTLS" => "a client certificate".to_owned(),
        _ => format!("`{name}`"),
    }
}
