//! Whatever the schema: what is made of it is valid, comes to an end, and is there where anything is.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use super::random;
use crate::contract::Terms;
use crate::contract::json_schema::{Dialect, Inclusion, Judge, inclusion};
use crate::generate::json_schema::chance::Chance;
use crate::generate::json_schema::simpler::Weight;
use crate::generate::json_schema::{Messages, Unmade};

const SCHEMAS: usize = 1_000;
const SEED: [u8; 32] = [7; 32];

/// What came of so many schemas.
#[derive(Debug, Default)]
struct Tally {
    /// That nothing was made of,
    unmade: usize,
    /// and of those, that allow something.
    missed: usize,
    made: usize,
    drawn: usize,
    undrawn: usize,
}

#[test]
fn whatever_is_made_of_a_schema_is_valid_and_something_is_made_where_anything_is_allowed() {
    let mut tally = Tally::default();
    let mut chance = Chance::new(2_026);
    for round in 0..SCHEMAS {
        let dialect = Dialect::ALL[round % Dialect::ALL.len()];
        let schema = random::schema(&mut chance, dialect);
        let judge = Judge::of(&schema, dialect).unwrap();
        match Messages::of(&schema, dialect) {
            Ok(messages) => {
                tally.made += 1;
                hold(&messages, &judge, &schema, &mut tally);
            }
            Err(Unmade::Endless) => {}
            Err(_) => {
                tally.unmade += 1;
                tally.missed += usize::from(allowed(&schema, &judge, &mut chance).is_some());
            }
        }
    }
    assert!(tally.made > SCHEMAS / 2, "{tally:?}");
    assert!(tally.missed * 50 < SCHEMAS, "{tally:?}");
    assert!(tally.undrawn * 100 < tally.drawn, "{tally:?}");
}

/// A document that a schema allows, found in two other ways: by chance, and by the search for what a reader refuses that refuses all.
fn allowed(schema: &Value, judge: &Judge, chance: &mut Chance) -> Option<Value> {
    let drawn = (0..1_500).map(|_| random::document(chance, 3)).find(|document| judge.accepts(document));
    let terms = Terms { steps: 5_000, ..Terms::DOCUMENTS };
    drawn.or_else(|| match inclusion(schema, &Value::Bool(false), &terms) {
        Inclusion::Breaks(breaks) => breaks.into_iter().map(|broken| broken.written).next(),
        Inclusion::Holds | Inclusion::Unknown(_) => None,
    })
}

fn hold(messages: &Messages, judge: &Judge, schema: &Value, tally: &mut Tally) {
    let valid = |document: &Value| assert!(judge.accepts(document), "{document} under {schema}");
    valid(messages.smallest());
    let edges = messages.edges(40);
    edges.iter().for_each(valid);
    assert!(edges.len() <= 40 && edges.iter().enumerate().all(|(at, edge)| !edges[..at].contains(edge)), "{schema}");
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    for _ in 0..10 {
        if let Some(document) = messages.draw(&mut rng) {
            valid(&document);
            tally.drawn += 1;
        } else {
            tally.undrawn += 1;
        }
    }
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &SEED));
    let mut tree = messages.new_tree(&mut runner).unwrap();
    // As a shrinker goes that is answered now one way and now the other.
    for round in 0..30 {
        valid(&tree.current());
        if !(if round % 3 == 0 { tree.complicate() } else { tree.simplify() }) {
            break;
        }
    }
    valid(&tree.current());
    let mut document = tree.current();
    for _ in 0..20 {
        let steps = messages.simpler(&document);
        for step in &steps {
            valid(step);
            assert!(Weight::of(step) < Weight::of(&document), "{step} {document}");
        }
        let Some(step) = steps.into_iter().nth(1) else { break };
        document = step;
    }
}

#[test]
fn the_same_seed_gives_the_same_documents() {
    let mut chance = Chance::new(4);
    for round in 0..20 {
        let dialect = Dialect::ALL[round % Dialect::ALL.len()];
        let schema = random::schema(&mut chance, dialect);
        let all = || {
            let messages = Messages::of(&schema, dialect).ok()?;
            let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
            let drawn: Vec<String> = (0..10).map(|_| format!("{:?}", messages.draw(&mut rng))).collect();
            Some((messages.smallest().to_string(), messages.edges(50), drawn))
        };
        assert_eq!(all(), all(), "{schema}");
    }
}
