//! Whatever bytes come: what must hold is said in `tests/fuzzed`, under the name `contract_text`.
#![no_main]

#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (_, body) = fuzzed::TARGETS.into_iter().find(|(name, _)| *name == "contract_text").expect("a target of this name");
    body(bytes);
});
