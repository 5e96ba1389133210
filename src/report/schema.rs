//! The JSON Schema of the report, made from [`Run`]; `contracts/report.schema.json` is what it gives.

use serde_json::Value;

use crate::model::Run;

/// The JSON Schema (2020-12) of the JSON report.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Run).to_value();
    if let Value::Object(fields) = &mut schema {
        fields.insert("title".to_owned(), "straddle report, version 1".into());
    }
    schema
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_schema_is_the_one_that_the_types_give() {
        let committed: serde_json::Value = serde_json::from_str(include_str!("../../contracts/report.schema.json"))
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(committed, super::schema(), "run `straddle schema report > contracts/report.schema.json`");
    }
}
