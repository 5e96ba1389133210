//! What a report says of a change. The main type is [`Outcome`].

use serde_json::Value;

use super::change::Change;
use super::survey::Survey;

/// How a change came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A finding tells it.
    Found {
        /// How bad it says that it is.
        severity: String,
        /// Which rule says so.
        rule: String,
        /// Where the finding stands: not at the place itself, or not even at the operation.
        where_else: Option<String>,
    },
    /// It was seen, and not in every run.
    Unstable,
    /// Nothing tells it.
    Missed,
}

impl Outcome {
    /// Whether it was found.
    pub fn is_found(&self) -> bool {
        matches!(self, Self::Found { .. })
    }

    /// Whether the finding stands where the change was made: then nothing else of the same run can have caused it.
    pub fn is_at_its_place(&self) -> bool {
        matches!(self, Self::Found { where_else: None, .. })
    }
}

/// What else was changed in the run whose report is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Company {
    /// Nothing: whatever is found is of this change's making.
    None,
    /// Nothing of the same operation: whatever is found there, above the place too, is of its making.
    Elsewhere,
    /// Other places of the same operation.
    Here,
}

/// What the report of a run says of this change in it.
pub fn outcome(survey: &Survey, report: &Value, change: &Change, company: Company) -> Outcome {
    let names = &survey.names[&change.route];
    let place = change.place.to_string();
    let list = |name: &str| report[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let forward = |found: &&Value| found["direction"]["from"] == "old" && found["direction"]["to"] == "new";
    let own = |found: &&Value| names.contains(text(&found["subject"]).as_str());
    let weight = |found: &&Value| ["info", "risk", "breaking"].iter().position(|name| found["severity"] == *name);
    let best = |fits: &dyn Fn(&&Value) -> bool| {
        list("findings").iter().filter(forward).filter(|found| fits(found)).max_by_key(weight)
    };
    let near = |found: &&Value| {
        let at = text(&found["at"]);
        own(found) && (within(&place, &at) || company != Company::Here && within(&at, &place))
    };
    let (found, where_else) = if let Some(found) = best(&near) {
        (Some(found), None)
    } else if let Some(found) = best(&own) {
        (Some(found), Some(text(&found["at"])))
    } else {
        let found = best(&|_| company == Company::None);
        (found, found.map(|found| format!("{} {}", text(&found["subject"]), text(&found["at"]))))
    };
    match found {
        Some(found) => Outcome::Found { severity: text(&found["severity"]), rule: text(&found["rule"]), where_else },
        None if list("unstable").iter().any(|found| own(&found)) => Outcome::Unstable,
        None => Outcome::Missed,
    }
}

/// Whether one of two places is the other, or lies in it.
pub fn related(place: &str, at: &str) -> bool {
    within(place, at) || within(at, place)
}

fn within(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', ' ']))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mutate::change::Kind;
    use crate::mutate::place::{Place, Step};
    use crate::mutate::route::Route;

    fn check(subject: &str, at: &str, company: Company, expected: &[Option<&str>]) {
        let mut survey = Survey::default();
        let route = Route::read("GET /a");
        survey.names.insert(route.clone(), ["GET /a".to_owned()].into());
        let place = Place::Body(vec![Step::Field("rows".to_owned()), Step::Each]);
        let change = Change { route, fails: false, place, kind: Kind::Null, salt: 0, one_row: false };
        let report = json!({ "findings": [{
            "rule": "http/x", "severity": "risk", "subject": subject, "at": at,
            "direction": { "from": "old", "to": "new" },
        }], "unstable": [] });
        let outcome = outcome(&survey, &report, &change, company);
        let expected = expected.first().map(|where_else| Outcome::Found {
            severity: "risk".to_owned(),
            rule: "http/x".to_owned(),
            where_else: where_else.map(str::to_owned),
        });
        assert_eq!(outcome, expected.unwrap_or(Outcome::Missed));
    }

    #[test]
    fn a_finding_counts_where_the_change_was_made() {
        check("GET /a", "$.rows[]", Company::Here, &[None]);
        check("GET /a", "$.rows", Company::Elsewhere, &[None]);
        check("GET /a", "$.rows", Company::Here, &[Some("$.rows")]);
        check("GET /a", "$.rows[].id", Company::Here, &[None]);
        check("GET /a", "$", Company::Elsewhere, &[None]);
        check("GET /a", "$.rowse", Company::Elsewhere, &[Some("$.rowse")]);
        check("GET /b", "$.rows", Company::Elsewhere, &[]);
        check("GET /b", "$.rows", Company::None, &[Some("GET /b $.rows")]);
    }
}
