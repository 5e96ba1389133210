//! What the demo's sides say of themselves: each fault of a contract is told with something that shows it, in its direction, and
//! the change beside it that looks like it is fine.

use crate::support::demo::{Demo, case};
use crate::support::faults::{Found, contract_faults};

/// The checks that are asked. `generated` is to see the same with messages of its own.
const CHECKS: &[&str] = &["contracts"];

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
        by: &[("generated", &[live("http/value-changed", "old->new", "shop.v1.Shop/Estimate", "$.destination")])],
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
        super::is_told(case, finds, &checked);
        for question in ["F", "C", "R"].into_iter().filter(|question| !case.breaks.contains(question)) {
            assert_ne!(super::verdict(&checked, question), "incompatible", "{name}: {question}\n{}", checked.said);
        }
        for finding in checked.breaking() {
            // What was written may be empty, as a message may; what was made of it is said.
            let (written, read) = (&finding["evidence"]["expected"], &finding["evidence"]["got"]);
            let is_shown = !written.is_null() && read.as_str().is_some_and(|read| !read.is_empty());
            assert!(is_shown, "{name}: nothing shows {finding:#}");
        }
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
