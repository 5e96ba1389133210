//! A run without secrets: placeholders wherever a text that comes from outside has one.
//!
//! Owns which parts of a run come from outside: from replies, logs and manifests. Refuses to touch straddle's own words
//! (verdicts, severities, names of fields), whatever a secret is: a run stays one that can be read. The entry is [`masked`].

use std::borrow::Cow;

use serde_json::Value;

use crate::model::secret::Mask;
use crate::model::{Answers, BuildFacts, CheckFacts, Evidence, Finding, Run, Shard, Unstable};

/// The run with placeholders in place of secrets.
pub(super) fn masked(mut run: Run, mask: &Mask) -> Run {
    let hide = Hide(mask);
    let Run {
        project, old, new, answers, checks, matrix, findings, unstable, coverage, notes, checkpoints, shard, ..
    } = &mut run;
    hide.text(project);
    for BuildFacts { label, commit, .. } in [old, new] {
        hide.texts([label].into_iter().chain(commit));
    }
    let Answers { roll_forward, coexist, roll_back } = answers;
    for answer in [roll_forward, coexist, roll_back] {
        hide.texts(&mut answer.unshown);
    }
    for CheckFacts { reason, controls, .. } in checks {
        hide.texts(reason.iter_mut().chain([&mut controls.old, &mut controls.new]));
    }
    hide.texts(matrix.iter_mut().map(|row| &mut row.subject));
    for finding in findings {
        hide.finding(finding);
    }
    for Unstable { subject, at, reason, .. } in unstable {
        hide.texts([subject, at, reason]);
    }
    hide.texts(&mut coverage.missing);
    hide.texts(notes);
    for point in checkpoints {
        hide.texts(point.go_on.unshown.iter_mut().chain(&mut point.go_back.unshown));
    }
    if let Some(Shard { asked, terms, books, .. }) = shard {
        hide.text(asked);
        hide.value(terms);
        for book in books.values_mut() {
            hide.value(book);
        }
    }
    run
}

struct Hide<'m>(&'m Mask);

impl Hide<'_> {
    fn finding(&self, finding: &mut Finding) {
        let Finding { subject, at, message, evidence, reproduce, accepted, story, .. } = finding;
        self.texts([subject, at, message, reproduce]);
        self.texts(story.iter_mut().map(|step| &mut step.call));
        self.texts(accepted.iter_mut().map(|accepted| &mut accepted.reason));
        let Evidence { expected, got, request, expected_reply, reply } = evidence;
        for value in [expected, got, request, expected_reply, reply] {
            self.value(value);
        }
    }

    fn text(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.0.text(text) {
            *text = masked;
        }
    }

    fn texts<'t>(&self, texts: impl IntoIterator<Item = &'t mut String>) {
        texts.into_iter().for_each(|text| self.text(text));
    }

    /// Names of fields come from replies too.
    fn value(&self, value: &mut Value) {
        self.0.value(value, true);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::secret::Secrets;

    fn run(text: &str, number: u64) -> Run {
        let answer =
            json!({ "verdict": "incompatible", "findings": ["a1"], "rests_on": ["replay"], "unshown": [text] });
        let build = json!({ "label": "v1", "commit": null, "dirty": false });
        let finding = json!({
            "id": "a1", "rule": "json-value", "check": "replay", "severity": "breaking", "subject": format!("GET /{text}"),
            "direction": { "from": "old", "to": "new" }, "at": format!("$.{text}"), "count": number, "breaks": ["coexist"], "message": text,
            "evidence": {
                "expected": number, "got": { text: [text, number] }, "request": null, "expected_reply": null, "reply": text,
            },
            "replay": null, "reproduce": "straddle reproduce a1", "accepted": null,
        });
        let run = json!({
            "format": Run::FORMAT, "major": 1, "minor": 1, "project": "shop", "seed": number, "old": build, "new": build,
            "verdict": "incompatible",
            "answers": { "roll_forward": answer, "coexist": answer, "roll_back": answer },
            "checks": [], "matrix": [], "findings": [finding], "unstable": [],
            "coverage": { "seen": 1, "known": 1, "missing": [text] }, "notes": [text],
        });
        serde_json::from_value(run).unwrap_or_else(|e| panic!("{e}"))
    }

    fn check(secret: &str, text: &str, number: u64) -> Run {
        let mask = Mask::new(&Secrets::new([("otp".to_owned(), secret.to_owned())]));
        let masked = masked(run(text, number), &mask);
        let json = serde_json::to_string(&masked).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(serde_json::from_str::<Run>(&json).unwrap_or_else(|e| panic!("{e}")), masked);
        assert_eq!(masked.notes, ["{secret:otp#1}"]);
        assert_eq!(masked.findings[0].message, "{secret:otp#1}");
        masked
    }

    #[test]
    fn a_secret_that_is_a_word_of_reports_leaves_their_own_words() {
        for secret in ["incompatible", "breaking", "findings", "replay"] {
            let masked = check(secret, secret, 7);
            assert_eq!(masked.findings[0].check, "replay");
        }
    }

    #[test]
    fn a_secret_that_is_a_number_is_a_text_where_a_reply_had_it_and_a_count_stays() {
        let masked = check("918273", "918273", 918_273);
        let Finding { evidence, count, .. } = &masked.findings[0];
        assert_eq!(evidence.expected, json!("{secret:otp#1}"));
        assert_eq!(evidence.got, json!({ "{secret:otp#1}": ["{secret:otp#1}", "{secret:otp#1}"] }));
        assert_eq!(*count, 918_273);
    }
}
