//! What generated messages promise.

mod beyond;
mod random;
mod rich;
mod round_trip;
mod shrinking;
mod valid;

use std::collections::BTreeMap;

use proptest::test_runner::{RngAlgorithm, TestRng};
use prost_reflect::{DescriptorPool, MessageDescriptor};

use crate::contract::protobuf::load;
use crate::contract::{Source, Tree};

/// The descriptors of one text; without a syntax it is proto3. All is in the package `a`.
pub fn pool(text: &str) -> DescriptorPool {
    let whole = match text.strip_prefix("proto2") {
        Some(rest) => format!("syntax = \"proto2\";\npackage a;\n{rest}"),
        None => format!("syntax = \"proto3\";\npackage a;\n{text}"),
    };
    let files = BTreeMap::from([("a.proto".to_owned(), whole.into_bytes())]);
    let schema =
        load(&Source { tree: Tree::Held(files), path: String::new() }).unwrap_or_else(|e| panic!("{e}: {text}"));
    // Once more, as servers and descriptor sets give it: a pool that was compiled takes no notice of `packed`.
    DescriptorPool::decode(schema.pool.encode_to_vec().as_slice()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The message `a.M` of a text.
pub fn message(text: &str) -> MessageDescriptor {
    pool(text).get_message_by_name("a.M").unwrap_or_else(|| panic!("no message M: {text}"))
}

pub fn seeded(seed: u8) -> TestRng {
    TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32])
}
