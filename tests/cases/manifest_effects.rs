//! What a manifest says beside builds and recordings, each seen in the report: places left out, acceptances, the gate.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use straddle::model::{Severity, Verdict};

use crate::support::kit::{Report, Test};
use crate::support::server::{Request, Response};

/// Always this JSON, whatever is asked.
fn always(body: &'static str) -> impl Fn(&Request) -> Response + Send + Sync {
    move |_| Response::json(200, body)
}

/// Old clients read a `name` that the new server has left out.
fn name_is_gone() -> Test {
    Test::new().old(always(r#"{"id":1,"name":"x"}"#)).new_server(always(r#"{"id":1}"#)).old_clients(&["GET /a"])
}

const NAME_IS_GONE: &str = "http/field-removed breaking old->new GET /a at $.name";

/// An acceptance of that break, until that day.
fn accepted(at: &str, more: &str, expires: &str) -> String {
    format!(
        "[[accept]]\nrule = \"http/field-removed\"\nsubject = \"GET /a\"\nat = \"{at}\"\n{more}reason = \"unread\"\n\
         expires = {expires}\n"
    )
}

/// A day that no test will see.
const LATER: &str = "2999-12-31";

/// A new client reads a `name` that the old server does not give yet: a risk, and no break.
fn name_is_missing_yet() -> Test {
    Test::new().old(always(r#"{"id":1}"#)).new_server(always(r#"{"id":1,"name":"x"}"#)).new_clients(&["GET /a"])
}

fn rules(report: &Report) -> Vec<&str> {
    report.run.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn a_place_that_is_ignored_is_not_compared() {
    let ignored = "[compare]\nignore = [{ subject = \"GET /a\", at = \"$.name\", reason = \"unread\" }]\n";
    name_is_gone().manifest(ignored).expect(&[]);
}

#[test]
fn what_is_ignored_elsewhere_is_compared_here() {
    for other in ["subject = \"GET /b\", at = \"$.name\"", "subject = \"GET /a\", at = \"$.id\""] {
        let ignored = format!("[compare]\nignore = [{{ {other}, reason = \"unread\" }}]\n");
        name_is_gone().manifest(&ignored).expect(&[NAME_IS_GONE]);
    }
}

#[test]
fn a_place_is_ignored_in_the_direction_that_is_named() {
    for (direction, expected) in [("old->new", &[] as &[&str]), ("new->old", &[NAME_IS_GONE])] {
        let ignored = format!(
            "[compare]\nignore = [{{ subject = \"GET /a\", at = \"$.name\", direction = \"{direction}\", reason = \"unread\" }}]\n"
        );
        name_is_gone().manifest(&ignored).expect(expected);
    }
}

#[test]
fn the_order_of_a_list_counts_unless_nobody_promised_it() {
    let turned = || {
        let (old, new) = (r#"{"items":["ash","elm","oak"]}"#, r#"{"items":["oak","elm","ash"]}"#);
        Test::new().old(always(old)).new_server(always(new)).old_clients(&["GET /a"])
    };
    turned().expect(&["http/order-changed risk old->new GET /a at $.items"]);
    turned().manifest("[compare]\nunordered = [{ subject = \"GET /a\", at = \"$.items\" }]\n").expect(&[]);
}

#[test]
fn a_list_without_an_order_still_has_its_items() {
    Test::new()
        .old(always(r#"{"items":["ash","elm"]}"#))
        .new_server(always(r#"{"items":["elm","fir"]}"#))
        .old_clients(&["GET /a"])
        .manifest("[compare]\nunordered = [{ subject = \"GET /a\", at = \"$.items\" }]\n")
        .expect(&["http/value-changed risk old->new GET /a at $.items[]"]);
}

#[test]
fn a_break_that_was_decided_on_is_shown_and_does_not_gate() {
    let report = name_is_gone().manifest(&accepted("$.name", "", LATER)).run();
    assert_eq!(rules(&report), ["http/field-removed"]);
    let reason = report.run.findings[0].accepted.as_ref().map(|accepted| accepted.reason.as_str());
    assert_eq!(reason, Some("unread"));
    assert_eq!(report.run.answers.roll_forward.verdict, Verdict::Compatible);
    assert_eq!(report.exit, 4, "nothing was there to show the way back");
}

#[test]
fn an_acceptance_that_has_expired_covers_nothing_and_is_a_finding() {
    let report = name_is_gone().manifest(&accepted("$.name", "", "2020-01-31")).run();
    assert_eq!(rules(&report), ["http/field-removed", "accept/expired"]);
    assert_eq!(report.run.findings[0].accepted, None);
    assert!(report.run.findings[1].message.contains("2020-01-31"), "{}", report.run.findings[1].message);
    assert_eq!(report.exit, 1);
}

/// Where the acceptance is about a direction that these old clients show.
const SHOWN: &str = "direction = \"old->new\"\n";

#[test]
fn an_acceptance_that_nothing_needs_is_a_finding() {
    let report = name_is_gone().manifest(&accepted("$.id", SHOWN, LATER)).run();
    assert_eq!(rules(&report), ["http/field-removed", "accept/unused"]);
    assert_eq!(report.exit, 1);
}

#[test]
fn an_acceptance_is_not_called_unused_where_nobody_looked() {
    for unshown in ["", "direction = \"new->old\"\n"] {
        let report = name_is_gone().manifest(&accepted("$.id", unshown, LATER)).run();
        assert_eq!(rules(&report), ["http/field-removed"], "{unshown}");
    }
    let unused = accepted("$.id", SHOWN, LATER);
    let report = name_is_gone().manifest(&unused).args(&["--self", "old"]).run();
    assert_eq!(rules(&report), [] as [&str; 0], "a build against itself says nothing of what was accepted");
}

#[test]
fn an_unused_acceptance_gates_where_risks_do_and_answers_and_exit_say_the_same() {
    let same = || Test::new().old(always("{}")).new_server(always("{}")).old_clients(&["GET /a"]);
    let unused = accepted("$.id", SHOWN, LATER);
    let report = same().manifest(&format!("{unused}[gate]\nfail_on = \"risk\"\n")).run();
    assert_eq!((report.exit, report.run.verdict), (1, Verdict::Incompatible));
    assert_eq!(report.run.answers.roll_forward.findings, [report.run.findings[0].id.clone()]);
    assert!(report.run.answers.roll_back.findings.is_empty());
    let report = same().manifest(&unused).run();
    assert_eq!((report.exit, report.run.verdict), (4, Verdict::Inconclusive));
}

#[test]
fn risks_gate_only_where_the_manifest_says_so() {
    for (gate, exit, verdict) in [
        ("", 4, Verdict::Inconclusive),
        ("[gate]\nfail_on = \"breaking\"\n", 4, Verdict::Inconclusive),
        ("[gate]\nfail_on = \"risk\"\n", 1, Verdict::Incompatible),
    ] {
        let report = name_is_missing_yet().manifest(gate).run();
        assert_eq!((report.exit, report.run.verdict), (exit, verdict), "{gate}");
        assert_eq!(report.run.findings[0].severity, Severity::Risk);
    }
}

#[test]
fn what_can_not_be_shown_only_warns_where_the_manifest_says_so() {
    for (gate, exit) in [("", 4), ("[gate]\ninconclusive = \"fail\"\n", 4), ("[gate]\ninconclusive = \"warn\"\n", 0)] {
        let same = Test::new().old(always("{}")).new_server(always("{}")).old_clients(&["GET /a"]);
        let report = same.manifest(gate).run();
        assert_eq!((report.exit, report.run.verdict), (exit, Verdict::Inconclusive), "{gate}");
    }
    let report = name_is_gone().manifest("[gate]\ninconclusive = \"warn\"\n").run();
    assert_eq!(report.exit, 1, "a break is no warning");
}

#[test]
fn a_subject_that_is_skipped_is_never_sent() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = |asked: &Arc<AtomicUsize>| {
        let asked = Arc::clone(asked);
        move |request: &Request| {
            if request.target == "/metrics" {
                asked.fetch_add(1, Ordering::SeqCst);
            }
            Response::json(200, "{}")
        }
    };
    let report = Test::new()
        .old(counting(&asked))
        .new_server(counting(&asked))
        .old_clients(&["GET /a", "GET /metrics"])
        .manifest("[replay]\nskip = [\"GET /metrics\"]\n")
        .run();
    let subjects: Vec<&str> = report.run.matrix.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!(subjects, ["GET /a"]);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asked once, when it was recorded");
}
