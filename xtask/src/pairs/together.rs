//! Both sides of a pair on one store: what must be said of those whose builds are known to get on, and of the one whose builds
//! lose each other's writes even where both are OLD.

use serde_json::Value;

use super::text;

/// Two servers of this pair lose each other's writes, whatever their versions.
const LOSES_WRITES: &str = "json-server";
/// What is said of that, in the words of the answer that stays open.
const OWN_TROUBLE: &str = "two old servers on one store answer";

/// What is wrong with a report of `sessions` alone.
pub(super) fn errors(pair: &str, report: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    for list in ["findings", "unstable"] {
        let told = report[list].as_array().into_iter().flatten();
        errors.extend(
            told.map(|one| format!("{} at {} of {}", text(&one["rule"]), text(&one["at"]), text(&one["subject"]))),
        );
    }
    let answer = &report["answers"]["coexist"];
    let verdict = text(&answer["verdict"]);
    if pair == LOSES_WRITES {
        let mut reasons = answer["unshown"].as_array().into_iter().flatten().map(text);
        if verdict != "inconclusive" || !reasons.any(|reason| reason.contains(OWN_TROUBLE)) {
            errors.push(format!("that two of a kind lose each other's writes is not said: {answer}"));
        }
    } else if verdict != "compatible" {
        errors.push(format!("that both serve at once is not shown: {answer}"));
    }
    errors
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(pair: &str, verdict: &str, unshown: &[&str], findings: &Value, expected: usize) {
        let report = json!({"findings": findings, "answers": {"coexist": {"verdict": verdict, "unshown": unshown}}});
        let errors = errors(pair, &report);
        assert_eq!(errors.len(), expected, "{errors:?}");
    }

    #[test]
    fn a_pair_that_gets_on_is_shown_to_and_nothing_is_found() {
        let found = json!([{"rule": "http/status-changed", "at": "status", "subject": "GET /"}]);
        check("datasette-patch", "compatible", &[], &json!([]), 0);
        check("datasette-patch", "inconclusive", &["the budget"], &json!([]), 1);
        check("datasette-patch", "incompatible", &[], &found, 2);
    }

    #[test]
    fn what_two_of_a_kind_do_to_each_other_leaves_the_answer_open_and_is_no_finding() {
        let said = ["a.har session 0: GET /posts/{}: two old servers on one store answer 404, one alone 200"];
        let found = json!([{"rule": "http/status-changed", "at": "status", "subject": "GET /"}]);
        check("json-server", "inconclusive", &said, &json!([]), 0);
        check("json-server", "inconclusive", &said, &found, 1);
        check("json-server", "compatible", &[], &json!([]), 1);
    }
}
