//! What must hold for any bytes, held against made-up input and against the corpus that fuzzing has left.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::fuzzed::TARGETS;

/// Where a target's corpus stands.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .flatten()
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap_or_else(|e| panic!("{e}"));
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn the_corpus_of_every_target_is_survived() {
    for (name, body) in TARGETS {
        let all = corpus(name);
        assert!(!all.is_empty(), "{name} has no corpus");
        for (file, bytes) in all {
            let survived = std::panic::catch_unwind(|| body(&bytes));
            assert!(survived.is_ok(), "fuzz/corpus/{name}/{file}");
        }
    }
}

/// Pieces of the corpus, cut and joined anew, with other bytes strewn in: close enough to be taken seriously.
fn near(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let cut = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>());
    let strewn = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (proptest::collection::vec(cut, 1..4), strewn).prop_map(move |(cuts, strewn)| {
        let mut bytes = Vec::new();
        for (which, from, to) in cuts {
            let seed = which.get(&seeds);
            let (from, to) = (from.index(seed.len() + 1), to.index(seed.len() + 1));
            bytes.extend_from_slice(&seed[from.min(to)..from.max(to)]);
        }
        for (at, byte) in strewn {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        bytes
    })
}

#[test]
fn whatever_bytes_come_every_target_survives_them() {
    for (name, body) in TARGETS {
        let seeds: Vec<Vec<u8>> = corpus(name).into_iter().map(|(_, bytes)| bytes).collect();
        let mut runner = TestRunner::new(Config { cases: 96, failure_persistence: None, ..Config::default() });
        let any_bytes = prop_oneof![4 => near(seeds), 1 => proptest::collection::vec(any::<u8>(), 0..256)];
        let held = runner.run(&any_bytes, |bytes| {
            body(&bytes);
            Ok(())
        });
        held.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    }
}
