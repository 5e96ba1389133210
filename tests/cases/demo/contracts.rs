//! What the demo's sides say of themselves: each fault of a contract is told with something that shows it, in its direction, and
//! the change beside it that looks like it is fine.

use serde_json::Value;

use crate::support::demo::{Checked, Demo, case};
use crate::support::faults::{Found, contract_faults};

/// The checks that are asked: `generated` sees the same with messages of its own.
const CHECKS: &[&str] = &["contracts", "generated"];

/// A fault of a contract, and what each check must tell of it at the least.
struct Told {
    fault: &'static str,
    /// The change that looks like it.
    twin: &'static str,
    by: &'static [(&'static str, &'static [Found])],
}

/// What `contracts` tells stands with each case, but for the fault that the catalogue leaves to `replay`.
const TOLD: &[Told] = &[
    Told {
        fault: "number-reused",
        twin: "grpc-number-freed",
        by: &[(
            "generated",
            &[
                live("http/value-changed", "old->new", "shop.v1.Shop/Estimate", "$.cents"),
                live("http/value-changed", "new->old", "shop.v1.Shop/Estimate", "$.cents"),
            ],
        )],
    },
    Told {
        fault: "enum-widened",
        twin: "grpc-enum-aliased",
        by: &[
            (
                "contracts",
                &[
                    live("schema/enum-narrowed", "old->new", "GET /products", "reply 200 $[].availability"),
                    live("schema/enum-narrowed", "new->old", "GET /products", "query availability"),
                ],
            ),
            (
                "generated",
                &[
                    live("http/enum-widened", "old->new", "GET /products", "$[].availability"),
                    live("http/status-changed", "new->old", "GET /products", "status"),
                    live("grpc/status-changed", "new->old", "shop.v1.Shop/Search", "status"),
                    live("http/enum-widened", "old->new", "shop.v1.Shop/Search", "$.hits[].availability"),
                    // What old clients ask for is called otherwise now, and what new ones call so is there at OLD.
                    live("http/emptied", "old->new", "GET /products", "$"),
                    live("http/rows-changed", "new->old", "GET /products", "$"),
                ],
            ),
        ],
    },
    Told {
        fault: "required-added",
        twin: "optional-added",
        by: &[("generated", &[live("http/status-changed", "old->new", "POST /estimates", "status")])],
    },
    Told {
        fault: "grpc-oneof-moved",
        twin: "grpc-oneof-widened",
        by: &[("generated", &[live("http/emptied", "old->new", "shop.v1.Shop/Estimate", "$.fallback")])],
    },
    Told {
        fault: "grpc-text-to-bytes",
        twin: "grpc-bytes-added",
        by: &[("generated", &[live("grpc/status-changed", "new->old", "shop.v1.Shop/Search", "status")])],
    },
    Told {
        fault: "length-narrowed",
        twin: "length-widened",
        by: &[("generated", &[live("http/status-changed", "old->new", "POST /messages", "status")])],
    },
];

macro_rules! each {
    ($check:path: $($name:ident)*) => {
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            $check(stringify!($name));
        })*
    };
}

mod found {
    each! { super::is_found:
        number_reused enum_widened required_added grpc_oneof_moved grpc_text_to_bytes length_narrowed
    }
}

mod silent {
    each! { super::is_silent:
        grpc_number_freed grpc_enum_aliased optional_added grpc_oneof_widened grpc_bytes_added length_widened
    }
}

fn is_found(name: &str) {
    let case = case(name);
    let demo = Demo::with(case);
    let told = TOLD.iter().find(|told| told.fault == case.name).unwrap_or_else(|| panic!("{name} has no row"));
    for (check, finds) in told.by.iter().copied().chain([(case.check, case.finds)]) {
        if !CHECKS.contains(&check) {
            continue;
        }
        let checked = demo.check(&["--only", check]);
        if check == case.check {
            super::is_told(case, finds, &checked);
        } else {
            is_seen(name, finds, &checked);
        }
        for question in ["F", "C", "R"].into_iter().filter(|question| !case.breaks.contains(question)) {
            assert_ne!(super::verdict(&checked, question), "incompatible", "{name}: {question}\n{}", checked.said);
        }
        for finding in checked.breaking() {
            // What was written may be empty, as a message may; what was made of it is said.
            let (written, read) = (&finding["evidence"]["expected"], &finding["evidence"]["got"]);
            let is_shown = !written.is_null() && !read.is_null() && (check == "generated" || read != "");
            assert!(is_shown, "{name}: nothing shows {finding:#}");
        }
    }
}

/// That messages which were made up show these, of whatever severity, and that nothing else breaks.
#[track_caller]
fn is_seen(name: &str, finds: &[Found], checked: &Checked) {
    let is = |finding: &Value, found: &Found| {
        let (from, to) = (&finding["direction"]["from"], &finding["direction"]["to"]);
        finding["rule"] == found.rule
            && finding["subject"] == found.subject
            && finding["at"] == found.at
            && found.direction.split_once("->").is_some_and(|(ours, theirs)| from == ours && to == theirs)
    };
    for found in finds {
        assert!(checked.findings().iter().any(|finding| is(finding, found)), "{name}: {found:?}\n{}", checked.said);
    }
    for finding in checked.breaking() {
        assert!(finds.iter().any(|found| finding["rule"] == found.rule), "{name}: {finding:#}");
        // What shows it is the smallest message, which is kept.
        let is_made = finding["check"] == "generated";
        let is_kept = finding["replay"]["recording"].as_str().is_some_and(|name| name.starts_with("cases/"));
        assert!(!is_made || is_kept, "{finding:#}");
    }
}

fn is_silent(name: &str) {
    super::stays_green(&Demo::with(case(name)));
}

#[test]
fn each_fault_of_a_contract_has_its_twin_and_both_have_their_test() {
    let named = |names: &[&str]| names.iter().map(|name| case(name).name).collect::<Vec<_>>();
    assert_eq!(named(found::NAMES), TOLD.iter().map(|told| told.fault).collect::<Vec<_>>());
    assert_eq!(named(silent::NAMES), TOLD.iter().map(|told| told.twin).collect::<Vec<_>>());
    for case in contract_faults::CASES {
        let is_known = TOLD.iter().any(|told| told.fault == case.name || told.twin == case.name);
        assert!(is_known, "nothing is expected of {}", case.name);
    }
}

const fn live(rule: &'static str, direction: &'static str, subject: &'static str, at: &'static str) -> Found {
    Found { rule, subject, direction, at }
}
