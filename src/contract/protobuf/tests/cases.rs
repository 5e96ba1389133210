//! One change each, and what becomes of it: binary old→new and new→old, then JSON.

use super::cells;

#[track_caller]
fn check(old: &str, new: &str, expected: &str) {
    assert_eq!(cells(old, new), expected, "{old} → {new}");
    let turned = |pair: &str| pair.split_once(' ').map(|(forth, back)| format!("{back} {forth}")).unwrap_or_default();
    let swapped = expected.split(", ").map(turned).collect::<Vec<_>>().join(", ");
    assert_eq!(cells(new, old), swapped, "swapped: {new} → {old}");
    for text in [old, new] {
        assert_eq!(cells(text, text), "ok ok, ok ok", "against itself: {text}");
    }
}

#[test]
fn a_scalar_of_another_type() {
    check("message M { uint32 x = 1; }", "message M { uint64 x = 1; }", "ok break, ok break");
    check("message M { sint32 x = 1; }", "message M { sint64 x = 1; }", "ok break, ok break");
    check("message M { fixed32 x = 1; }", "message M { fixed64 x = 1; }", "break break, ok break");
    check("message M { float x = 1; }", "message M { double x = 1; }", "break break, ok break");
    check("message M { int32 x = 1; }", "message M { double x = 1; }", "break break, ok break");
    check("message M { int32 x = 1; }", "message M { string x = 1; }", "break break, break break");
    check("message M { int64 x = 1; }", "message M { string x = 1; }", "break break, ok break");
    check("message M { int64 x = 1; }", "message M { uint64 x = 1; }", "break break, break break");
    check("message M { int64 x = 1; }", "message M { bool x = 1; }", "break ok, break break");
    check("message M { fixed32 x = 1; }", "message M { float x = 1; }", "break break, break break");
    check(
        "enum E { Z = 0; A = 1; } message M { bool x = 1; }",
        "enum E { Z = 0; A = 1; } message M { E x = 1; }",
        "ok ok, break break",
    );
    check("message M { int32 x = 1; }", "message M { optional int64 x = 1; }", "risk break, risk break");
}

#[test]
fn many_and_one() {
    check("message M { repeated int32 x = 1; }", "message M { repeated int64 x = 1; }", "ok break, ok break");
    check("message M { repeated int32 x = 1; }", "message M { int32 x = 1; }", "break ok, break break");
    check("message M { map<string, int32> x = 1; }", "message M { map<string, int64> x = 1; }", "ok break, ok break");
    check("message M { map<int32, int32> x = 1; }", "message M { map<string, int32> x = 1; }", "break break, ok break");
    check(
        "message M { map<string, int32> x = 1; }",
        "message E { string key = 1; int32 value = 2; } message M { repeated E x = 1; }",
        "ok risk, break break",
    );
    check(
        "message A { int32 x = 1; } message M { A a = 1; }",
        "message A { int32 x = 1; } message M { repeated A a = 1; }",
        "ok break, break break",
    );
    check(
        "message A { int32 x = 1; } message M { map<string, A> a = 1; }",
        "message B { int32 x = 1; } message M { map<string, B> a = 1; }",
        "ok ok, ok ok",
    );
    check(
        "message A { int32 x = 1; } message M { map<string, A> a = 1; }",
        "message B { string x = 1; } message M { map<string, B> a = 1; }",
        "break break, break break",
    );
}

#[test]
fn numbers_and_names() {
    check(
        "message M { string a = 1; string b = 2; }",
        "message M { string b = 1; string a = 2; }",
        "break break, ok ok",
    );
    check("message M { string a = 1; }", "message M { reserved \"a\"; int32 b = 1; }", "break break, risk risk");
    check("message M { string a = 1; int32 b = 2; }", "message M { int32 b = 1; }", "break break, risk ok");
    check("message M { string a = 1; }", "message M { string b = 1; }", "ok ok, break break");
    check("message M { int32 a = 1; }", "message M { int64 b = 1; }", "ok break, break break");
    check("message M { string some_name = 1; }", "message M { string someName = 1; }", "ok ok, ok ok");
    check(
        "message M { string some_name = 1; }",
        "message M { string other = 1 [json_name = \"some_name\"]; }",
        "ok ok, break ok",
    );
    check("message M { string a = 1; }", "message M { string a = 1; reserved 5; }", "ok ok, ok ok");
    check(
        "message M { reserved 2; string a = 1; }",
        "message M { string a = 1; string b = 2; }",
        "risk risk, risk risk",
    );
}

#[test]
fn presence_and_defaults() {
    check(
        "proto2 message M { optional int32 a = 1; }",
        "proto2 message M { optional int32 a = 1 [default = 0]; }",
        "ok ok, ok ok",
    );
    check(
        "proto2 message M { optional int32 a = 1; }",
        "proto2 message M { optional int32 a = 1 [default = 4]; }",
        "risk risk, risk risk",
    );
    check("proto2 message M { optional int32 a = 1; }", "message M { int32 a = 1; }", "risk risk, risk risk");
    check(
        "proto2 message M { optional int32 a = 1 [default = 4]; }",
        "message M { int32 a = 1; }",
        "risk break, risk break",
    );
    check("proto2 message M { required int32 a = 1; }", "message M { int32 a = 1; }", "ok break, ok break");
    check("proto2 message M { required int32 a = 1; }", "message M { optional int32 a = 1; }", "ok break, ok break");
    check("proto2 message M { optional int32 a = 1; }", "message M { optional int32 a = 1; }", "ok ok, ok ok");
    check(
        "proto2 message M { required int32 a = 1; }",
        "proto2 message M { repeated int32 a = 1; }",
        "ok break, break break",
    );
    check(
        "proto2 message M { required int32 a = 1; optional string s = 2; }",
        "proto2 message M { optional string s = 2; }",
        "risk break, risk break",
    );
    check(
        "proto2 message A { required int32 x = 1; } message M { optional A a = 1; }",
        "proto2 message A { } message M { optional A a = 1; }",
        "risk break, risk break",
    );
}

#[test]
fn oneofs() {
    check(
        "message M { oneof k { int32 a = 1; string b = 2; } }",
        "message M { oneof k { int32 a = 1; } reserved 2; }",
        "risk risk, risk risk",
    );
    check(
        "message M { oneof k { int32 a = 1; string b = 2; } }",
        "message M { oneof k { int32 a = 1; } string b = 2; }",
        "risk risk, risk break",
    );
    check(
        "message M { oneof k { int32 a = 1; } oneof l { int32 b = 2; } }",
        "message M { oneof k { int32 a = 1; int32 b = 2; } }",
        "risk ok, break ok",
    );
    check("message M { optional int32 a = 1; }", "message M { oneof k { int32 a = 1; } }", "ok ok, ok ok");
    check(
        "message M { oneof k { int32 a = 1; int32 b = 2; } }",
        "message M { oneof l { int32 a = 1; int32 b = 2; } }",
        "ok ok, ok ok",
    );
}

#[test]
fn enums() {
    let carried = |values: &str| format!("enum E {{ {values} }} message M {{ E x = 1; }}");
    let check = |old: &str, new: &str, expected: &str| check(&carried(old), &carried(new), expected);
    check("Z = 0; A = 1;", "Z = 0; B = 1;", "ok ok, break break");
    check("Z = 0; A = 1;", "Z = 0; A = 2;", "risk risk, ok ok");
    check("Z = 0; A = 1; B = 2;", "Z = 0; B = 1; A = 2;", "break break, ok ok");
    check("Z = 0; A = 1;", "option allow_alias = true; Z = 0; A = 1; B = 1;", "ok ok, ok ok");
    check("Z = 0; A = 1;", "option allow_alias = true; Z = 0; B = 1; A = 1;", "ok ok, ok break");
    check("Z = 0; A = 1;", "Y = 0; A = 1;", "ok ok, ok ok");
    check("Z = 0; A = 1;", "A = 0; Z = 1;", "break break, break break");
}

#[test]
fn enums_elsewhere() {
    check(
        "enum E { Z = 0; } message M { repeated E x = 1; }",
        "enum E { Z = 0; A = 1; } message M { repeated E x = 1; }",
        "ok risk, ok risk",
    );
    check(
        "enum E { Z = 0; } message M { map<string, E> x = 1; }",
        "enum E { Z = 0; A = 1; } message M { map<string, E> x = 1; }",
        "ok risk, ok risk",
    );
    check("enum E { Z = 0; }", "enum E { Z = 0; A = 1; }", "ok risk, ok risk");
    check(
        "enum E { Z = 0; A = 1; } message M { E x = 1; }",
        "enum F { Z = 0; A = 1; } message M { F x = 1; }",
        "ok ok, ok ok",
    );
    check(
        "enum E { Z = 0; A = 1; } message M { E x = 1; }",
        "enum F { Z = 0; B = 1; C = 2; } message M { F x = 1; }",
        "ok risk, break break",
    );
    check(
        "proto2 enum E { Z = 0; A = 1; } message M { repeated E x = 1; }",
        "proto2 enum E { Z = 0; } message M { repeated E x = 1; }",
        "risk ok, risk ok",
    );
    check(
        "proto2 enum E { Z = 0; A = 1; } message M { optional E x = 1; }",
        "proto2 enum E { A = 1; Z = 0; } message M { optional E x = 1; }",
        "risk risk, risk risk",
    );
    check(
        "enum E { Z = 0; A = 1; } message M { E x = 1; }",
        "proto2 enum E { Z = 0; A = 1; } message M { optional E x = 1; }",
        "risk risk, risk risk",
    );
}

#[test]
fn services() {
    let check = |old: &str, new: &str, expected: &str| {
        check(
            &format!("message A {{ int32 x = 1; }} message B {{ string x = 1; }} message C {{ int32 x = 1; }} {old}"),
            &format!("message A {{ int32 x = 1; }} message B {{ string x = 1; }} message C {{ int32 x = 1; }} {new}"),
            expected,
        );
    };
    check("service S { rpc F(A) returns (A); }", "service S { rpc G(A) returns (A); }", "break break, break break");
    check("service S { rpc F(A) returns (A); }", "service T { rpc F(A) returns (A); }", "break break, break break");
    check(
        "service S { rpc F(A) returns (A); }",
        "service S { rpc F(stream A) returns (A); }",
        "risk break, risk break",
    );
    check(
        "service S { rpc F(stream A) returns (stream A); }",
        "service S { rpc F(stream A) returns (A); }",
        "risk break, risk break",
    );
    check("service S { rpc F(A) returns (A); }", "service S { rpc F(B) returns (A); }", "break break, break break");
    check("service S { rpc F(A) returns (A); }", "service S { rpc F(A) returns (C); }", "ok ok, ok ok");
    check("service S { rpc F(A) returns (A); }", "service S { rpc F(A) returns (B); }", "break break, break break");
    check("service S { }", "", "ok ok, ok ok");
}

#[test]
fn a_service_in_another_package() {
    let of = |package: &str| {
        format!("syntax = \"proto3\"; package {package}; message M {{}} service S {{ rpc F(M) returns (M); }}")
    };
    check(&of("a.v1"), &of("a.v2"), "break break, break break");
}

#[test]
fn groups_extensions_and_types_of_protobuf() {
    check(
        "proto2 message M { optional group A = 1 { optional int32 x = 1; } }",
        "proto2 message M { message A { optional int32 x = 1; } optional A a = 1; }",
        "break break, ok ok",
    );
    check(
        "proto2 message M { extensions 100 to 200; } extend M { optional int32 e = 100; }",
        "proto2 message M { extensions 100 to 200; }",
        "risk ok, risk ok",
    );
    check(
        "proto2 message M { extensions 100 to 200; } extend M { optional int32 e = 100; }",
        "proto2 message M { extensions 100 to 200; } extend M { optional string e = 100; }",
        "break break, break break",
    );
    let with = |import: &str, field: &str| {
        format!("syntax = \"proto3\"; package a; import \"google/protobuf/{import}.proto\"; message M {{ {field} }}")
    };
    check(
        &with("timestamp", "google.protobuf.Timestamp t = 1;"),
        "message M { int64 t = 1; }",
        "break break, break break",
    );
    check(
        &with("timestamp", "google.protobuf.Timestamp t = 1;"),
        "message M { string t = 1; }",
        "break break, ok break",
    );
    check(
        &with("wrappers", "google.protobuf.Int32Value t = 1;"),
        "message M { optional int32 t = 1; }",
        "break break, ok ok",
    );
    check(&with("any", "google.protobuf.Any t = 1;"), "message M { bytes t = 1; }", "ok break, break break");
    check(
        &with("struct", "google.protobuf.Struct t = 1;"),
        "message M { map<string, string> t = 1; }",
        "break break, break break",
    );
    check(
        &with("duration", "google.protobuf.Duration t = 1;"),
        &with("timestamp", "google.protobuf.Timestamp t = 1;"),
        "ok ok, break break",
    );
}

#[test]
fn messages_in_messages() {
    check("message T { T left = 1; int32 x = 2; }", "message T { T left = 1; int64 x = 2; }", "ok break, ok break");
    check(
        "message T { T left = 1; int32 x = 2; } message M { T t = 1; }",
        "message U { U left = 1; int32 x = 2; } message M { U t = 1; }",
        "ok ok, ok ok",
    );
    check(
        "message T { T left = 1; int32 x = 2; } message M { T t = 1; }",
        "message U { U left = 1; string x = 2; } message M { U t = 1; }",
        "break break, break break",
    );
    check(
        "message M { message A { int32 x = 1; } A a = 1; }",
        "message M { message B { int32 x = 1; int32 y = 2; } B a = 1; }",
        "ok risk, ok risk",
    );
    check(
        "proto2 message M { required M m = 1; optional int32 x = 2; }",
        "proto2 message M { required M m = 1; optional int64 x = 2; }",
        "unknown unknown, unknown unknown",
    );
    check(
        "message M { string a = 1; }",
        "message M { message A { string x = 1; } A a = 1; }",
        "break break, break break",
    );
}
