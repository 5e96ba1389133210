//! What is known of a real pair, held against a report. Pure: two JSON values in, a [`Score`] out.

use serde_json::Value;

/// How a report stands to what is known.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// How many findings that have to be there are there.
    pub found: usize,
    /// Those that are not there: why each has to be.
    pub missing: Vec<String>,
    /// How many can't be there yet: they wait for another check.
    pub waiting: usize,
    /// Breaking findings that must not be there.
    pub false_alarms: Vec<String>,
}

/// Holds a report of `replay` against a pair's `truth.json`.
pub fn score(truth: &Value, report: &Value) -> Score {
    let findings = items(&report["findings"]);
    let mut score = Score::default();
    for wanted in items(&truth["must_find"]) {
        if waits(wanted) {
            score.waiting += 1;
        } else if findings.iter().any(|finding| answers(finding, wanted)) {
            score.found += 1;
        } else {
            score.missing.push(shown(wanted));
        }
    }
    let breaking = findings.iter().filter(|finding| finding["severity"] == "breaking" && finding["accepted"].is_null());
    let is_clean = truth["clean"] == true;
    let unwanted = items(&truth["must_not_find"]);
    score.false_alarms = breaking
        .filter(|finding| is_clean || unwanted.iter().any(|unwanted| fits(finding, unwanted)))
        .map(|finding| {
            format!(
                "{} {} {} {}",
                direction(finding),
                text(&finding["rule"]),
                text(&finding["subject"]),
                text(&finding["at"])
            )
        })
        .collect();
    score
}

/// Whether something waits for a check that is not here yet: of a page's assets.
fn waits(wanted: &Value) -> bool {
    !wanted["at_each"].is_null() || texts(&wanted["subject_contains"]).contains(&"page")
}

fn answers(finding: &Value, wanted: &Value) -> bool {
    let breaks = items(&finding["breaks"]);
    fits(finding, wanted)
        && weight(&finding["severity"]) >= weight(&wanted["severity"])
        && items(&wanted["breaks"]).iter().all(|question| breaks.contains(question))
}

/// Whether direction, subject and place are those that are meant.
fn fits(finding: &Value, meant: &Value) -> bool {
    let way = meant["direction"].as_str().unwrap_or("any");
    (way == "any" || way == direction(finding))
        && contains(text(&finding["subject"]), &meant["subject_contains"])
        && contains(text(&finding["at"]), &meant["at_contains"])
}

/// Whether a text holds what is meant, or any of a list; nothing meant is in every text.
fn contains(whole: &str, meant: &Value) -> bool {
    let meant = texts(meant);
    meant.is_empty() || meant.iter().any(|part| whole.contains(part))
}

fn shown(wanted: &Value) -> String {
    let subject = texts(&wanted["subject_contains"]).join(" or ");
    let at = texts(&wanted["at_contains"]).join(" or ");
    format!("{} …{subject}… …{at}… ({})", wanted["direction"].as_str().unwrap_or("any"), text(&wanted["why"]))
}

fn direction(finding: &Value) -> String {
    format!("{}->{}", text(&finding["direction"]["from"]), text(&finding["direction"]["to"]))
}

fn weight(severity: &Value) -> u8 {
    match severity.as_str() {
        Some("breaking") => 2,
        Some("risk") => 1,
        _ => 0,
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_str().map_or_else(|| items(value).iter().filter_map(Value::as_str).collect(), |text| vec![text])
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(severity: &str, from: &str, subject: &str, at: &str) -> Value {
        let (to, breaks) =
            if from == "old" { ("new", ["roll_forward", "coexist"]) } else { ("old", ["coexist", "roll_back"]) };
        json!({ "findings": [{
            "rule": "http/status-changed", "severity": severity, "direction": { "from": from, "to": to },
            "subject": subject, "at": at, "breaks": breaks, "accepted": null,
        }] })
    }

    fn wanted(more: &Value) -> Value {
        let mut wanted = json!({
            "direction": "old->new", "subject_contains": "GET /db", "at_contains": "status", "severity": "breaking", "why": "gone",
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            wanted[name] = value.clone();
        }
        json!({ "clean": false, "must_find": [wanted], "must_not_find": [] })
    }

    fn check(truth: &Value, report: &Value, expected: (usize, usize, usize, usize)) {
        let score = score(truth, report);
        assert_eq!((score.found, score.missing.len(), score.waiting, score.false_alarms.len()), expected);
    }

    #[test]
    fn what_has_to_be_found_is_found_in_its_direction_and_severity() {
        let truth = wanted(&json!({ "breaks": ["roll_forward"] }));
        check(&truth, &report("breaking", "old", "GET /db", "status"), (1, 0, 0, 0));
        check(&truth, &report("breaking", "new", "GET /db", "status"), (0, 1, 0, 0));
        check(&truth, &report("risk", "old", "GET /db", "status"), (0, 1, 0, 0));
        check(&truth, &report("breaking", "old", "GET /dx", "status"), (0, 1, 0, 0));
        check(&truth, &report("breaking", "old", "GET /db", "$.id"), (0, 1, 0, 0));
    }

    #[test]
    fn a_finding_that_names_other_answers_does_not_count() {
        check(
            &wanted(&json!({ "breaks": ["roll_back"] })),
            &report("breaking", "old", "GET /db", "status"),
            (0, 1, 0, 0),
        );
    }

    #[test]
    fn any_of_a_list_will_do_and_a_worse_finding_too() {
        let truth = wanted(&json!({ "at_contains": ["rows", "status"], "severity": "risk", "direction": "any" }));
        check(&truth, &report("breaking", "new", "GET /db", "status"), (1, 0, 0, 0));
    }

    #[test]
    fn assets_wait_for_their_check_and_grpc_methods_do_not() {
        check(
            &wanted(&json!({ "subject_contains": "page", "at_each": ["a.js"] })),
            &json!({ "findings": [] }),
            (0, 0, 1, 0),
        );
        check(&wanted(&json!({ "subject_contains": "ModelStreamInfer" })), &json!({ "findings": [] }), (0, 1, 0, 0));
    }

    #[test]
    fn only_breaking_findings_are_false_alarms() {
        let unwanted = json!([{ "subject_contains": "", "at_contains": ["header expires", "header pragma"] }]);
        let truth = json!({ "clean": false, "must_find": [], "must_not_find": unwanted });
        check(&truth, &report("breaking", "old", "GET /db", "header pragma"), (0, 0, 0, 1));
        check(&truth, &report("risk", "old", "GET /db", "header pragma"), (0, 0, 0, 0));
        check(&truth, &report("breaking", "old", "GET /db", "status"), (0, 0, 0, 0));
    }

    #[test]
    fn anything_breaking_is_a_false_alarm_on_a_clean_pair() {
        let truth = json!({ "clean": true, "must_find": [], "must_not_find": [] });
        check(&truth, &report("breaking", "old", "GET /db", "status"), (0, 0, 0, 1));
        check(&truth, &report("info", "old", "GET /db", "status"), (0, 0, 0, 0));
    }
}
