//! The demo shop against itself: every fault of the catalogue that a check of straddle's can see is caught in its direction and
//! breaks the right questions, and every benign change stays green. One stamped test each; `cargo xtask catalogue` holds the list
//! of tests against the catalogue. Those that are about the database are caught on PostgreSQL as well. What the sides say of themselves is in
//! `contracts`, and how they speak gRPC in `programs`.

mod contracts;
mod programs;
mod shop;

use super::postgres::given::given;
use crate::support::demo::{Checked, Demo, case};
use crate::support::faults::{Case, Found};
use crate::support::has_postgres;

macro_rules! stamp {
    ($check:path: $($name:ident)*) => {
        $(#[test]
        fn $name() {
            $check(stringify!($name));
        })*
    };
}

mod faults {
    stamp! { super::is_caught:
        enum_widened strict_reader field_renamed id_type envelope endpoint_removed endpoint_new_only method_changed error_body date_format
        flag_reused default_changed

        cookie_serializer cookie_digest csrf_encoding session_class page_token token_claim unknown_field_dropped lock_key
        etag_algorithm

        cache_format cache_shape enum_ordinal log_property column_dropped column_required migration_one_way store_unguarded
        password_rehash encoding_stored
    }
}

mod benign {
    stamp! { super::is_green:
        field_added nonces expand_contract cookie_dual_read key_order endpoint_unused latency_noise ids_and_order
        removal_accepted
    }
}

fn is_caught(name: &str) {
    let case = case(name);
    tells(case, &Demo::with(case));
}

fn is_green(name: &str) {
    stays_green(&Demo::with(case(name)));
}

/// One of replies and one of effects: the gate has all of them, by `cargo xtask compat --each --postgres`.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_in_a_database_is_told_on_postgresql_as_well() {
    if !has_postgres() {
        return;
    }
    let (url, _admin) = given("shopkeeper").await;
    for name in ["cookie_serializer", "lock_key"] {
        let case = case(name);
        tells(case, &Demo::on_postgres(case, &url));
    }
}

#[track_caller]
fn tells(case: &Case, demo: &Demo) {
    is_told(case, case.finds, &demo.check(&["--only", case.check]));
}

/// That the report of one check holds these findings, and what follows from the case.
#[track_caller]
fn is_told(case: &Case, finds: &[Found], checked: &Checked) {
    let name = case.name;
    assert_eq!(checked.code, Some(1), "{name}\n{}", checked.said);
    for found in finds {
        let (from, to) = found.direction.split_once("->").unwrap_or_else(|| panic!("{found:?}"));
        let told = checked.breaking().iter().any(|finding| {
            finding["rule"] == found.rule
                && finding["subject"] == found.subject
                && finding["at"] == found.at
                && finding["direction"]["from"] == from
                && finding["direction"]["to"] == to
        });
        assert!(told, "{name}: {found:?} is not told\n{}", checked.said);
    }
    for question in case.breaks.split_whitespace() {
        assert_eq!(verdict(checked, question), "incompatible", "{name}: {question}\n{}", checked.said);
    }
    // One break is told once: nothing breaks by a rule that this fault doesn't break.
    for finding in checked.breaking() {
        assert!(finds.iter().any(|found| finding["rule"] == found.rule), "{name}: {finding:#}");
    }
}

#[track_caller]
fn stays_green(demo: &Demo) {
    let checked = demo.check(&[]);
    assert!(checked.breaking().is_empty(), "{}", checked.said);
    assert_eq!(checked.code, Some(0), "{}", checked.said);
}

fn verdict<'a>(checked: &'a Checked, question: &str) -> &'a str {
    let name = match question {
        "F" => "roll_forward",
        "C" => "coexist",
        _ => "roll_back",
    };
    checked.report["answers"][name]["verdict"].as_str().unwrap_or_default()
}

#[test]
fn a_finding_is_confirmed_while_it_stands_and_gone_when_it_is_mended() {
    let broken = Demo::with(case("field_renamed"));
    let checked = broken.check(&["--only", "replay"]);
    let last = broken.folder().join(".straddle/last.json");
    let last = last.to_str().unwrap_or_default();
    let clean = Demo::clean();
    for finding in checked.breaking() {
        let id = finding["id"].as_str().unwrap_or_default();
        let (code, said) = broken.reproduce(&[id]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with(&format!("CONFIRMED {id}: ")), "{said}");
        let (code, said) = clean.reproduce(&[id, "--run", last]);
        // The clean pair has the recording of old clients, and none of new clients that ask for the new name.
        let (expected, word) = if finding["direction"]["from"] == "old" { (0, "GONE") } else { (4, "CHANGED") };
        assert_eq!(code, Some(expected), "{said}");
        assert!(said.starts_with(&format!("{word} {id}: ")), "{said}");
    }
}

#[test]
fn a_budget_that_is_too_small_is_inconclusive_and_says_what_was_left_out() {
    let checked = Demo::clean().check(&["--budget", "1ms", "--report", "terminal"]);
    assert_eq!(checked.code, Some(4), "{}", checked.said);
    assert!(checked.said.contains("the budget of 1ms cut the run short: "), "{}", checked.said);
    for (question, gap) in [("roll_forward", "(old->new)"), ("coexist", "(new->old)"), ("roll_back", "(new->old)")] {
        let answer = &checked.report["answers"][question];
        let unshown = answer["unshown"].to_string();
        assert_eq!(answer["verdict"], "inconclusive");
        assert!(unshown.contains(&format!("exchanges were not sent {gap}: the budget of 1ms")), "{unshown}");
    }
}

#[test]
fn a_clean_pair_is_compatible_and_nothing_is_found() {
    let checked = Demo::clean().check(&[]);
    assert_eq!(checked.code, Some(0), "{}", checked.said);
    assert!(checked.findings().is_empty(), "{}", checked.said);
}

#[test]
fn the_same_run_twice_gives_the_same_report() {
    let demo = Demo::clean();
    assert_eq!(demo.check(&[]).text, demo.check(&[]).text);
}

#[test]
fn the_same_breaks_twice_give_the_same_evidence() {
    for name in ["field-renamed", "date-format", "envelope"] {
        let demo = Demo::with(case(name));
        let text = || demo.check(&["--only", "replay"]).text;
        assert_eq!(text(), text(), "{name}");
    }
}

#[test]
fn a_side_against_itself_is_silent_whatever_the_seed() {
    let demo = Demo::clean();
    for seed in 0..20 {
        for side in ["old", "new"] {
            is_silent(&demo, side, seed, &["--force-bindings", "--only", "replay"]);
        }
    }
}

/// Few seeds: the gate has twenty for each side, by `cargo xtask compat --seeds`.
#[test]
fn a_side_and_itself_on_one_database_are_silent_whatever_the_seed() {
    let day = Demo::with(case("expand_contract"));
    for (side, seed) in [("old", 0), ("new", 1)] {
        is_silent(&day, side, seed, &["--only", "sessions"]);
    }
}

#[track_caller]
fn is_silent(demo: &Demo, side: &str, seed: u64, options: &[&str]) {
    let seed = seed.to_string();
    let checked = demo.check(&[&["--self", side, "--seed", &seed], options].concat());
    assert_eq!(checked.code, Some(0), "{side} with seed {seed}\n{}", checked.said);
    assert!(checked.findings().is_empty(), "{side} with seed {seed}\n{}", checked.said);
}
