//! gRPC: calls from values, and recorded calls against both builds.
#![expect(clippy::unwrap_used, reason = "a test")]

mod calls;
mod replays;
mod running;

/// What the servers of these tests speak.
const SHOP: &str = r#"
    syntax = "proto3";
    package shop.v1;
    service Shop {
        rpc Get(Ask) returns (Item);
        rpc List(Ask) returns (stream Item);
        rpc Put(stream Item) returns (Item);
        rpc Talk(stream Ask) returns (stream Item);
    }
    enum State { UNKNOWN = 0; OPEN = 1; PAID = 2; }
    message Ask { string id = 1; }
    message Item { string id = 1; int64 cents = 2; State state = 3; repeated int32 sizes = 4; map<string, string> tags = 5; }
"#;
