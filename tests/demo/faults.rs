//! The faults and the benign changes that the demo shop can show, by the names of the public catalogue: one list for the
//! shop, for the tests and for `cargo xtask`. It says what a change is called and what it must come to; what it does to the
//! shop is in `dialect.rs`. Its main type is [`Case`].

/// A fault, or a change that looks like one and is fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The catalogue's id.
    pub id: &'static str,
    /// The catalogue's name: what `--fault` and `--benign` take.
    pub name: &'static str,
    /// The catalogue's edges; empty for a benign change.
    pub edge: &'static str,
    /// The questions that it answers with no: of `F` forward, `C` coexist, `R` back. Empty for a benign change.
    pub breaks: &'static str,
    /// The generations whose clients then make other requests, or get other replies, than in the clean recordings.
    pub recorded: &'static [&'static str],
    /// What a report must hold, at the least.
    pub finds: &'static [Found],
    /// What waits for a part of straddle that replay does without.
    pub waits_for: Option<&'static str>,
}

impl Case {
    /// Whether nothing of it may be reported as breaking.
    pub fn is_benign(&self) -> bool {
        self.breaks.is_empty()
    }

    /// The recording of one generation's clients that shows this case, without its folder.
    pub fn recording(&self, side: &str) -> String {
        if self.recorded.contains(&side) { format!("{}-{side}.har", self.name) } else { format!("{side}.har") }
    }
}

/// A finding, as far as the catalogue settles it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The rule's id.
    pub rule: &'static str,
    /// The surface.
    pub subject: &'static str,
    /// `old->new` or `new->old`.
    pub direction: &'static str,
    /// Where in it.
    pub at: &'static str,
}

/// All of them, faults first, in the catalogue's order.
pub const CASES: &[Case] = &[
    Case {
        waits_for: Some("contracts"),
        ..fault(
            "F10",
            "enum-widened",
            "oc>ns, NO",
            "F C R",
            &[],
            &[Found {
                rule: "http/enum-widened",
                subject: "GET /products",
                direction: "old->new",
                at: "$[].availability",
            }],
        )
    },
    fault(
        "F12",
        "strict-reader",
        "NO, RB",
        "C R",
        &["new"],
        &[Found { rule: "http/status-changed", subject: "POST /messages", direction: "new->old", at: "status" }],
    ),
    fault(
        "F14",
        "field-renamed",
        "oc>ns, NO",
        "F C R",
        &["new"],
        &[
            Found { rule: "http/field-removed", subject: "POST /orders", direction: "old->new", at: "$.tracking_code" },
            Found {
                rule: "http/field-removed",
                subject: "POST /orders",
                direction: "new->old",
                at: "$.tracking_number",
            },
        ],
    ),
    fault(
        "F15",
        "id-type",
        "oc>ns",
        "F C",
        &["new"],
        &[Found { rule: "http/type-changed", subject: "GET /products/{}", direction: "old->new", at: "$.id" }],
    ),
    fault(
        "F16",
        "envelope",
        "oc>ns, nc>os",
        "F C R",
        &["new"],
        &[
            Found { rule: "http/type-changed", subject: "GET /products", direction: "old->new", at: "$" },
            Found { rule: "http/type-changed", subject: "GET /products", direction: "new->old", at: "$" },
        ],
    ),
    fault(
        "F19",
        "endpoint-removed",
        "oc>ns",
        "F C",
        &[],
        &[Found { rule: "http/operation-missing", subject: "GET /v2/stock", direction: "old->new", at: "status" }],
    ),
    fault(
        "F20",
        "endpoint-new-only",
        "nc>os, RB",
        "C R",
        &["new"],
        &[Found {
            rule: "http/operation-missing",
            subject: "POST /api/v2/reviews",
            direction: "new->old",
            at: "status",
        }],
    ),
    fault(
        "F21",
        "method-changed",
        "oc>ns, nc>os",
        "F C R",
        &["new"],
        &[
            Found { rule: "http/operation-missing", subject: "GET /quote", direction: "old->new", at: "status" },
            Found { rule: "http/operation-missing", subject: "POST /quote", direction: "new->old", at: "status" },
        ],
    ),
    fault(
        "F22",
        "error-body",
        "oc>ns",
        "F C",
        &["new"],
        &[Found {
            rule: "http/content-type-changed",
            subject: "GET /products/{}",
            direction: "old->new",
            at: "header content-type",
        }],
    ),
    fault(
        "F23",
        "date-format",
        "oc>ns, RB",
        "F C R",
        &["new"],
        &[
            Found { rule: "http/format-changed", subject: "POST /orders", direction: "old->new", at: "$.created_at" },
            Found { rule: "http/format-changed", subject: "POST /orders", direction: "new->old", at: "$.created_at" },
        ],
    ),
    fault(
        "F33",
        "flag-reused",
        "nc>os",
        "C R",
        &["new"],
        &[Found { rule: "http/value-changed", subject: "POST /estimates", direction: "new->old", at: "$.delivery" }],
    ),
    fault(
        "F34",
        "default-changed",
        "mix, NO",
        "C R",
        &["new"],
        &[Found { rule: "http/rows-changed", subject: "GET /search", direction: "new->old", at: "$.hits" }],
    ),
    benign("B1", "field-added", &["new"]),
    benign("B2", "nonces", &[]),
    benign("B5", "cookie-dual-read", &[]),
    benign("B6", "key-order", &[]),
    benign("B7", "endpoint-unused", &[]),
    benign("B8", "latency-noise", &[]),
    benign("B9", "ids-and-order", &[]),
    benign("B10", "removal-accepted", &["new"]),
];

/// The case of that name.
pub fn find(name: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.name == name)
}

const fn fault(
    id: &'static str,
    name: &'static str,
    edge: &'static str,
    breaks: &'static str,
    recorded: &'static [&'static str],
    finds: &'static [Found],
) -> Case {
    Case { id, name, edge, breaks, recorded, finds, waits_for: None }
}

const fn benign(id: &'static str, name: &'static str, recorded: &'static [&'static str]) -> Case {
    Case { id, name, edge: "", breaks: "", recorded, finds: &[], waits_for: None }
}
