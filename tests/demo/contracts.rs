//! What the shop says of itself, fault by fault: the one place where a case's name becomes another contract. The server reads its
//! descriptors from here, and the tests lay out the same text. Files are given, none is read. Its main type is [`Change`].

/// What one side says otherwise than in the clean pair.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// The case.
    case: &'static str,
    /// `old` or `new`.
    side: &'static str,
    /// The contract's name in its folder.
    file: &'static str,
    /// What stands there in the clean pair, once.
    clean: &'static str,
    /// What stands there instead.
    changed: &'static str,
}

const CHANGES: &[Change] = &[
    new("enum-widened", HTTP, "[in-stock, sold-out]", "[in-stock, sold-out, backordered]"),
    new(
        "enum-widened",
        RPC,
        "  AVAILABILITY_SOLD_OUT = 2;\n",
        "  AVAILABILITY_SOLD_OUT = 2;\n  AVAILABILITY_BACKORDERED = 3;\n",
    ),
    new(
        "grpc-enum-aliased",
        RPC,
        "  AVAILABILITY_SOLD_OUT = 2;\n",
        "  option allow_alias = true;\n  AVAILABILITY_SOLD_OUT = 2;\n  AVAILABILITY_BACKORDERED = 2;\n",
    ),
    new("field-added", RPC, "  repeated string tags = 6;\n", "  repeated string tags = 6;\n  string origin = 7;\n"),
    new(
        "number-reused",
        RPC,
        "  // What the parcel weighs.\n  uint32 grams = 3;\n",
        "  // How many parcels it is.\n  uint32 parcels = 3;\n  // What each of them weighs.\n  uint32 grams = 8;\n",
    ),
    new(
        "grpc-number-freed",
        RPC,
        "  reserved 7;\n  reserved \"courier\";\n\n  // Where to",
        "  reserved 4, 7;\n  reserved \"colour\", \"courier\";\n\n  // Where to",
    ),
    new(
        "grpc-number-freed",
        RPC,
        "  // Nothing is made of it any more.\n  string colour = 4 [deprecated = true];\n",
        "",
    ),
    new(
        "grpc-oneof-moved",
        RPC,
        "  string address = 1;\n  string locker = 2;\n",
        "  oneof destination {\n    string address = 1;\n    string locker = 2;\n  }\n",
    ),
    new("grpc-oneof-widened", RPC, "    string box = 6;\n", "    string box = 6;\n    string tin = 8;\n"),
    new(
        "grpc-text-to-bytes",
        RPC,
        "  // All products where it is empty.\n  string text = 1;\n",
        "  // All products where it is empty.\n  bytes text = 1;\n",
    ),
    new(
        "grpc-text-to-bytes",
        RPC,
        "  // The text that was searched for.\n  string text = 1;\n",
        "  // The text that was searched for.\n  bytes text = 1;\n",
    ),
    new(
        "grpc-bytes-added",
        RPC,
        "  Availability availability = 3;\n",
        "  Availability availability = 3;\n  // Nobody looks at it yet.\n  bytes picture = 4;\n",
    ),
    new(
        "required-added",
        HTTP,
        PARCEL,
        "              required: [postcode]\n              properties:\n                delivery: { type: string, default: parcel }\n                postcode: { type: string }\n",
    ),
    new(
        "optional-added",
        HTTP,
        PARCEL,
        "              properties:\n                delivery: { type: string, default: parcel }\n                postcode: { type: string }\n",
    ),
    new("length-narrowed", HTTP, "maxLength: 500", "maxLength: 200"),
    old("length-widened", HTTP, "maxLength: 500", "maxLength: 800"),
    new("length-widened", HTTP, "maxLength: 500", "maxLength: 800"),
];

/// What it says of its HTTP.
const HTTP: &str = "openapi.yaml";
/// What it says of its gRPC.
const RPC: &str = "shop.proto";
/// What an estimate is made of.
const PARCEL: &str = "              properties:\n                delivery: { type: string, default: parcel }\n";

/// That contract of a side, of which `clean` is the clean pair's text.
pub fn text(clean: &str, file: &str, side: &str, case: Option<&str>) -> String {
    let is_meant = |change: &&Change| Some(change.case) == case && change.side == side && change.file == file;
    CHANGES.iter().filter(is_meant).fold(clean.to_owned(), |text, change| text.replace(change.clean, change.changed))
}

const fn new(case: &'static str, file: &'static str, clean: &'static str, changed: &'static str) -> Change {
    Change { case, side: "new", file, clean, changed }
}

const fn old(case: &'static str, file: &'static str, clean: &'static str, changed: &'static str) -> Change {
    Change { side: "old", ..new(case, file, clean, changed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_case_changes_stands_in_the_clean_text_once() {
        for change in CHANGES {
            let clean = match (change.side, change.file) {
                ("old", HTTP) => include_str!("../../contracts/demo/old/openapi.yaml"),
                ("new", HTTP) => include_str!("../../contracts/demo/new/openapi.yaml"),
                ("old", RPC) => include_str!("../../contracts/demo/old/shop.proto"),
                ("new", RPC) => include_str!("../../contracts/demo/new/shop.proto"),
                other => panic!("{other:?}"),
            };
            assert_eq!(clean.matches(change.clean).count(), 1, "{change:?}");
        }
    }
}
