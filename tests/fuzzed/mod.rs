//! What must hold for any bytes: one function for each thing that straddle reads from outside.
//!
//! The suite calls each of them with made-up input and with the committed corpus (`tests/cases/fuzzed.rs`), and the
//! coverage-guided fuzzer with whatever finds new ways through the code (`fuzz/`). They panic where something is wrong.

mod comparing;
mod contracts;
mod files;

/// A name, and what must hold for any bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All of them. A folder of `fuzz/corpus` is named after each.
pub const TARGETS: [Target; 10] = [
    ("manifest", files::manifest),
    ("har", files::har),
    ("gor", files::gor),
    ("recording", files::recording),
    ("json_comparison", comparing::json),
    ("html_comparison", comparing::html),
    ("binding_finder", files::bindings),
    ("contract_text", contracts::texts),
    ("proto_text", contracts::proto),
    ("descriptor_set", contracts::descriptors),
];
