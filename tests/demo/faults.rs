//! The faults and the benign changes that the demo shop can show, by the names of the public catalogue: one list for the
//! shop, for the tests and for `cargo xtask`. It says what a change is called and what it must come to; what it does to the
//! shop is in `dialect.rs`. Its main type is [`Case`].

#[path = "contract_faults.rs"]
pub mod contract_faults;

/// A fault, or a change that looks like one and is fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    /// The catalogue's id.
    pub id: &'static str,
    /// The catalogue's name: what `--fault` and `--benign` take.
    pub name: &'static str,
    /// The catalogue's edges; empty for a benign change.
    pub edge: &'static str,
    /// The check that its test runs, and that must see it; empty for a benign change.
    pub check: &'static str,
    /// The questions that it answers with no: of `F` forward, `C` coexist, `R` back. Empty for a benign change.
    pub breaks: &'static str,
    /// The generations whose clients then make other requests, or get other replies, than in the clean recordings.
    pub recorded: &'static [&'static str],
    /// What a report must hold, at the least.
    pub finds: &'static [Found],
    /// The part of straddle that it waits for.
    pub waits_for: Option<&'static str>,
}

impl Case {
    /// Whether nothing of it may be reported as breaking.
    pub fn is_benign(&self) -> bool {
        self.breaks.is_empty()
    }

    /// Whether NEW's schema is another than OLD's.
    pub fn migrates(&self) -> bool {
        matches!(self.check, "state" | "rollout") || self.name == "expand-contract"
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

/// All of the catalogue's, faults first, in its order.
pub const CASES: &[Case] = &[
    shared(
        ("F01", "cookie-serializer"),
        "NO, RB",
        "sessions",
        "C R",
        &[found("http/status-changed", "new->old", "GET /account", "status")],
    ),
    shared(
        ("F02", "cookie-digest"),
        "NO, RB",
        "sessions",
        "C R",
        &[found("http/status-changed", "new->old", "GET /account", "status")],
    ),
    shared(
        ("F03", "csrf-encoding"),
        "NO, RB",
        "sessions",
        "C R",
        &[found("http/status-changed", "new->old", "POST /account/forms/language", "status")],
    ),
    shared(
        ("F04", "session-class"),
        "ON, NO, RB",
        "sessions",
        "F C R",
        &[
            found("http/status-changed", "old->new", "GET /account", "status"),
            found("http/status-changed", "new->old", "GET /account", "status"),
        ],
    ),
    shared(
        ("F05", "cache-format"),
        "NO, RB",
        "state",
        "C R",
        &[found("http/status-changed", "new->old", "GET /bestsellers", "status")],
    ),
    shared(
        ("F06", "cache-shape"),
        "ON, NO",
        "state",
        "F C R",
        &[
            found("http/status-changed", "old->new", "GET /card", "status"),
            found("http/status-changed", "new->old", "GET /card", "status"),
        ],
    ),
    fault(
        "F10",
        "enum-widened",
        "oc>ns, NO",
        "F C R",
        &["new"],
        &[
            found("http/enum-widened", "old->new", "GET /products", "$[].availability"),
            found("http/status-changed", "new->old", "GET /products", "status"),
        ],
    ),
    shared(
        ("F11", "enum-ordinal"),
        "ON, RB",
        "state",
        "F C R",
        &[
            found("http/emptied", "old->new", "GET /orders/by-status/paid", "$"),
            found("http/rows-changed", "new->old", "GET /orders/by-status/paid", "$"),
        ],
    ),
    fault(
        "F12",
        "strict-reader",
        "NO, RB",
        "C R",
        &["new"],
        &[Found { rule: "http/status-changed", subject: "POST /messages", direction: "new->old", at: "status" }],
    ),
    shared(
        ("F13", "log-property"),
        "RB",
        "state",
        "R",
        &[found("state/refuses-to-start", "new->old", "process shop", "start")],
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
    shared(
        ("F17", "page-token"),
        "ON, NO",
        "sessions",
        "F C R",
        &[
            found("http/rows-changed", "old->new", "GET /orders", "$.items"),
            found("http/rows-changed", "new->old", "GET /orders", "$.items"),
        ],
    ),
    shared(
        ("F18", "token-claim"),
        "ON, NO",
        "sessions",
        "F C R",
        &[
            found("http/operation-missing", "old->new", "GET /orders", "status"),
            found("http/operation-missing", "new->old", "GET /orders", "status"),
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
    shared(
        ("F24", "column-dropped"),
        "mix, RB",
        "state",
        "C R",
        &[found("http/status-changed", "new->old", "POST /orders", "status")],
    ),
    shared(
        ("F25", "column-required"),
        "mix",
        "state",
        "C",
        &[found("http/status-changed", "new->old", "POST /payments", "status")],
    ),
    shared(
        ("F26", "migration-one-way"),
        "RB",
        "state",
        "R",
        &[found("state/refuses-to-start", "new->old", "process shop", "start")],
    ),
    shared(
        ("F27", "store-unguarded"),
        "RB",
        "state",
        "R",
        &[found("http/rows-changed", "new->old", "GET /payments", "$")],
    ),
    shared(
        ("F28", "unknown-field-dropped"),
        "NO",
        "sessions",
        "C R",
        &[found("http/null-introduced", "new->old", "GET /profile", "$.nickname")],
    ),
    shared(
        ("F31", "lock-key"),
        "mix",
        "sessions",
        "C",
        &[
            found("state/effects-changed", "old->new", "state db", "payments"),
            found("state/effects-changed", "new->old", "state db", "payments"),
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
    shared(
        ("F36", "password-rehash"),
        "NO, ON, RB",
        "state",
        "F C R",
        &[
            found("http/status-changed", "new->old", "POST /sign-in", "status"),
            found("http/status-changed", "old->new", "POST /sign-in", "status"),
        ],
    ),
    shared(
        ("F37", "etag-algorithm"),
        "ON, NO",
        "sessions",
        "F C R",
        &[
            found("http/status-changed", "old->new", "PATCH /profile", "status"),
            found("http/status-changed", "new->old", "PATCH /profile", "status"),
        ],
    ),
    shared(
        ("F40", "encoding-stored"),
        "NO",
        "state",
        "C R",
        &[found("http/fault", "new->old", "GET /catalogue", "reply")],
    ),
    benign("B1", "field-added", &["new"]),
    benign("B2", "nonces", &[]),
    benign("B4", "expand-contract", &["old", "new"]),
    benign("B5", "cookie-dual-read", &[]),
    benign("B6", "key-order", &[]),
    benign("B7", "endpoint-unused", &[]),
    benign("B8", "latency-noise", &[]),
    benign("B9", "ids-and-order", &[]),
    benign("B10", "removal-accepted", &["new"]),
];

/// All of them, and those of contracts.
pub fn all() -> impl Iterator<Item = &'static Case> {
    CASES.iter().chain(contract_faults::CASES)
}

/// The case of that name.
pub fn find(name: &str) -> Option<&'static Case> {
    all().find(|case| case.name == name)
}

const fn fault(
    id: &'static str,
    name: &'static str,
    edge: &'static str,
    breaks: &'static str,
    recorded: &'static [&'static str],
    finds: &'static [Found],
) -> Case {
    Case { id, name, edge, check: "replay", breaks, recorded, finds, waits_for: None }
}

const fn shared(
    (id, name): (&'static str, &'static str),
    edge: &'static str,
    check: &'static str,
    breaks: &'static str,
    finds: &'static [Found],
) -> Case {
    Case { check, ..fault(id, name, edge, breaks, &["old", "new"], finds) }
}

const fn found(rule: &'static str, direction: &'static str, subject: &'static str, at: &'static str) -> Found {
    Found { rule, subject, direction, at }
}

const fn benign(id: &'static str, name: &'static str, recorded: &'static [&'static str]) -> Case {
    Case { id, name, edge: "", check: "", breaks: "", recorded, finds: &[], waits_for: None }
}
