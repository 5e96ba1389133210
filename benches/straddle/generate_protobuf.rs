//! How fast protobuf messages are made from a descriptor.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use proptest::test_runner::{RngAlgorithm, TestRng};
use prost_reflect::DynamicMessage;
use straddle::contract::protobuf::load;
use straddle::contract::{Source, Tree};
use straddle::generate::protobuf::{Messages, written};

use crate::Figure;

/// How many messages are made in one go.
const MANY: u32 = 4_000;

/// Such an order as shops send it: texts and numbers, rows, a map, what may be left out, moments.
const ORDER: &str = r#"
syntax = "proto3";
package shop.v1;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Status { STATUS_UNSPECIFIED = 0; PLACED = 1; PAID = 2; SENT = 3; RETURNED = 4; }
message Money { string currency = 1; int64 units = 2; int32 nanos = 3; }
message Address { string name = 1; repeated string lines = 2; string city = 3; string code = 4; string country = 5; }
message Row { string sku = 1; uint32 quantity = 2; Money price = 3; bool gift = 4; repeated string tags = 5; }
message Card { string last = 1; fixed32 month = 2; fixed32 year = 3; }
message Order {
  string id = 1; sint64 number = 2; Status status = 3; google.protobuf.Timestamp placed = 4; google.protobuf.Timestamp sent = 5;
  Address billing = 6; Address shipping = 7; repeated Row rows = 8; Money total = 9; map<string, string> labels = 10;
  oneof payment { Card card = 11; string invoice = 12; bytes token = 13; }
  optional string note = 14; google.protobuf.StringValue coupon = 15; repeated double weights = 16; double discount = 17;
  optional int32 priority = 18; repeated Order parts = 19; bool test = 20;
}
"#;

/// Messages a second and core: drawn, written, and read again.
pub fn figures() -> Vec<Figure> {
    let files = BTreeMap::from([("order.proto".to_owned(), ORDER.as_bytes().to_vec())]);
    let schema = load(&Source { tree: Tree::Held(files), path: String::new() }).unwrap_or_else(|e| panic!("{e}"));
    let order = schema.pool.get_message_by_name("shop.v1.Order").unwrap_or_else(|| panic!("no order"));
    let messages = Messages::of(&order).unwrap_or_else(|e| panic!("{e}"));
    let mut best = f64::INFINITY;
    let mut bytes = 0;
    for _ in 0..15 {
        let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[1; 32]);
        let start = Instant::now();
        bytes = 0;
        for _ in 0..MANY {
            let message = written(&messages.draw(&mut rng));
            bytes += message.len();
            let again = DynamicMessage::decode(order.clone(), message.as_slice());
            black_box(again.unwrap_or_else(|e| panic!("{e}")));
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("protobuf messages of {} bytes", bytes / usize::try_from(MANY).unwrap_or(1));
    let rate = f64::from(MANY) / best;
    vec![Figure::at_least("protobuf made, written and read again, a core", rate, 15_000.0, "messages/s")]
}
