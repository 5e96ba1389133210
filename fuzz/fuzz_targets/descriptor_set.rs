//! Whatever bytes come: what must hold is said in `tests/fuzzed`, under the name `descriptor_set`.
#![no_main]

#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (_, body) = fuzzed::TARGETS.into_iter().find(|(name, _)| *name == "descriptor_set").expect("a target of this name");
    body(bytes);
});
