//! Faults of contracts, and the change beside each that looks like it and is fine: what the two sides say of themselves doesn't go
//! together, which shows without any traffic. Apart from the catalogue's, since of these it has `number-reused` alone, which it leaves
//! to queues; `enum-widened` stands there. What each does to the contract is in `contracts.rs`, and to the shop in `dialect.rs`.

use super::{Case, Found, benign, found};

/// All of them, faults first.
pub const CASES: &[Case] = &[
    fault(
        ("F32", "number-reused"),
        "ON, NO",
        "F C R",
        &[],
        &[
            found("protobuf/number-reused", "old->new", "message shop.v1.EstimateRequest", "field 3 (grams)"),
            found("protobuf/number-reused", "new->old", "message shop.v1.EstimateRequest", "field 3 (parcels)"),
            found("protobuf/field-renumbered", "new->old", "message shop.v1.EstimateRequest", "field 8 (grams)"),
        ],
    ),
    fault(
        ("C1", "grpc-oneof-moved"),
        "oc>ns",
        "F C",
        &[],
        &[found("protobuf/oneof-joined", "old->new", "message shop.v1.EstimateRequest", "oneof destination")],
    ),
    fault(
        ("C2", "grpc-text-to-bytes"),
        "oc>ns, nc>os",
        "F C R",
        &[],
        &[
            found("protobuf/type-changed", "new->old", "message shop.v1.SearchRequest", "field 1 (text)"),
            found("protobuf/type-changed", "new->old", "message shop.v1.SearchReply", "field 1 (text)"),
        ],
    ),
    fault(
        ("C3", "required-added"),
        "oc>ns",
        "F C",
        &["new"],
        &[found("schema/required-added", "old->new", "POST /estimates", "request $.postcode")],
    ),
    fault(
        ("C4", "length-narrowed"),
        "oc>ns",
        "F C",
        &[],
        &[found("schema/length-narrowed", "old->new", "POST /messages", "request $.text")],
    ),
    benign("CB1", "grpc-number-freed", &[]),
    benign("CB2", "grpc-enum-aliased", &[]),
    benign("CB3", "grpc-oneof-widened", &[]),
    benign("CB4", "grpc-bytes-added", &[]),
    benign("CB5", "optional-added", &[]),
    benign("CB6", "length-widened", &[]),
];

const fn fault(
    (id, name): (&'static str, &'static str),
    edge: &'static str,
    breaks: &'static str,
    recorded: &'static [&'static str],
    finds: &'static [Found],
) -> Case {
    Case { check: "contracts", ..super::fault(id, name, edge, breaks, recorded, finds) }
}
