//! The dialects of JSON Schema, and which one a schema says it is written in.

use jsonschema::Draft;
use serde_json::Value;

/// A dialect of JSON Schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// Draft 4.
    Draft04,
    /// Draft 6.
    Draft06,
    /// Draft 7.
    Draft07,
    /// 2019-09.
    Draft201909,
    /// 2020-12, which is taken where a schema doesn't say.
    Draft202012,
}

impl Dialect {
    /// Every dialect, the oldest first.
    pub const ALL: [Self; 5] = [Self::Draft04, Self::Draft06, Self::Draft07, Self::Draft201909, Self::Draft202012];

    /// As `$schema` names it.
    pub fn uri(self) -> &'static str {
        match self {
            Self::Draft04 => "http://json-schema.org/draft-04/schema#",
            Self::Draft06 => "http://json-schema.org/draft-06/schema#",
            Self::Draft07 => "http://json-schema.org/draft-07/schema#",
            Self::Draft201909 => "https://json-schema.org/draft/2019-09/schema",
            Self::Draft202012 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// What `$schema` says; none where there is none, and an error that names a dialect that isn't known.
    pub fn named(schema: &Value) -> Result<Option<Self>, String> {
        let Some(named) = schema.get("$schema") else { return Ok(None) };
        let Some(uri) = named.as_str() else { return Err("`$schema` is no text".to_owned()) };
        let bare = |uri: &str| {
            let uri = uri.trim_end_matches('#');
            uri.strip_prefix("https://").or_else(|| uri.strip_prefix("http://")).unwrap_or(uri).to_owned()
        };
        match Self::ALL.into_iter().find(|dialect| bare(dialect.uri()) == bare(uri)) {
            Some(dialect) => Ok(Some(dialect)),
            None if bare(uri) == "json-schema.org/schema" => Ok(Some(Self::Draft202012)),
            None => Err(format!(
                "`$schema` names the dialect `{uri}`, which straddle doesn't know: it knows draft-04, -06, -07, 2019-09 and 2020-12"
            )),
        }
    }

    pub(super) fn draft(self) -> Draft {
        match self {
            Self::Draft04 => Draft::Draft4,
            Self::Draft06 => Draft::Draft6,
            Self::Draft07 => Draft::Draft7,
            Self::Draft201909 => Draft::Draft201909,
            Self::Draft202012 => Draft::Draft202012,
        }
    }

    /// Whether what stands beside a `$ref` counts.
    pub(crate) fn refs_have_siblings(self) -> bool {
        self >= Self::Draft201909
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Dialect;

    #[test]
    fn a_schema_says_its_dialect() {
        for dialect in Dialect::ALL {
            assert_eq!(Dialect::named(&json!({"$schema": dialect.uri()})), Ok(Some(dialect)));
            assert_eq!(
                Dialect::named(&json!({"$schema": format!("{}#", dialect.uri().trim_end_matches('#'))})),
                Ok(Some(dialect))
            );
        }
        assert_eq!(Dialect::named(&json!({"type": "object"})), Ok(None));
        assert_eq!(Dialect::named(&json!(true)), Ok(None));
        assert!(Dialect::named(&json!({"$schema": "http://x.test/own"})).unwrap_err().contains("`http://x.test/own`"));
        assert!(Dialect::named(&json!({"$schema": 4})).is_err());
    }
}
